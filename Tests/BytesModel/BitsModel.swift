import Bytes

private enum Outcome: Equatable {
    case number(Int64)
    case wide(UInt64)
    case flag(Bool)
    case nothing
    case failed(BitReaderError)
}

/// `BitReader` on an array of single bits.
private struct BitsModel {
    let data: [Bool]
    var position = 0

    init(_ bytes: [UInt8]) {
        data = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 == 1 } }
    }

    mutating func bits(_ count: Int) throws(BitReaderError) -> UInt64 {
        guard position + count <= data.count else {
            throw .truncated(bit: position, needed: count, available: data.count - position)
        }
        defer { position += count }
        return data[position..<position + count].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
    }

    /// The code's zeros, its one, and as many bits again, read as a number and reduced by one.
    mutating func ue() throws(BitReaderError) -> Int64 {
        let start = position
        do throws(BitReaderError) {
            var zeros = 0
            while try bits(1) == 0 {
                zeros += 1
                if zeros == 32 { throw BitReaderError.codeTooLong(bit: start) }
            }
            return Int64(1 << UInt64(zeros) | (try bits(zeros))) - 1
        } catch {
            position = start
            throw error
        }
    }

    mutating func run(_ kind: Int, _ amount: Int) throws(BitReaderError) -> Outcome {
        switch kind {
        case 0: return .wide(try bits(amount))
        case 1: return .flag(try bits(1) == 1)
        case 2:
            _ = try bits(amount)
            return .nothing
        case 3:
            while position % 8 != 0 { position += 1 }
            return .nothing
        case 4: return .number(try ue())
        default:
            let code = try ue()
            return .number(code.isMultiple(of: 2) ? -code / 2 : code / 2 + 1)
        }
    }
}

private func run(_ kind: Int, _ amount: Int, on reader: inout BitReader) throws(BitReaderError) -> Outcome {
    switch kind {
    case 0: return .wide(try reader.bits(amount))
    case 1: return .flag(try reader.flag())
    case 2:
        try reader.skip(amount)
        return .nothing
    case 3:
        reader.alignToByte()
        return .nothing
    case 4: return .number(Int64(try reader.ue()))
    default: return .number(Int64(try reader.se()))
    }
}

func compareBits(_ choices: inout Choices) throws(Mismatch) {
    let data = choices.run(choices.number())
    var model = BitsModel(data)
    var reader = BitReader(data.rawSpan)
    while let choice = choices.next() {
        let kind = Int(choice) % 6
        let amount = kind == 0 || kind == 2 ? choices.number() % 65 : 0
        var expected = Outcome.nothing
        var outcome = Outcome.nothing
        do throws(BitReaderError) {
            expected = try model.run(kind, amount)
        } catch {
            expected = .failed(error)
        }
        do throws(BitReaderError) {
            outcome = try run(kind, amount, on: &reader)
        } catch {
            outcome = .failed(error)
        }
        try agree(outcome, expected, "bit operation \(kind)(\(amount)) at \(model.position)")
        try agree(reader.bit, model.position, "position after bit operation \(kind)(\(amount))")
        try agree(reader.remaining, model.data.count - model.position, "remaining bits")
    }
}
