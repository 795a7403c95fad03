import Bytes

/// What one read gave.
private enum Outcome: Equatable {
    case number(UInt64)
    case bytes([UInt8])
    case byte(UInt8?)
    case nothing
    case failed(ByteReaderError)
}

/// `ByteReader` as one would write it in a minute: an array, a position, and slices.
private struct ReaderModel {
    let data: [UInt8]
    var position = 0

    mutating func number(_ width: Int, littleEndian: Bool = false) -> Outcome {
        guard case .bytes(let taken) = take(width) else { return .failed(truncated(width)) }
        let ordered = littleEndian ? taken.reversed() : taken
        return .number(ordered.reduce(0) { $0 << 8 | UInt64($1) })
    }

    mutating func take(_ count: Int) -> Outcome {
        guard position + count <= data.count else { return .failed(truncated(count)) }
        defer { position += count }
        return .bytes(Array(data[position..<position + count]))
    }

    mutating func run(_ kind: Int, _ amount: Int) -> Outcome {
        switch kind {
        case 0: return number(1)
        case 1: return number(2)
        case 2: return number(3)
        case 3: return number(4)
        case 4, 5: return number(8)
        case 6: return number(2, littleEndian: true)
        case 7: return number(3, littleEndian: true)
        case 8: return number(4, littleEndian: true)
        case 9: return number(8, littleEndian: true)
        case 10: return take(amount)
        case 11: return take(data.count - position)
        case 12:
            let taken = take(amount)
            if case .failed = taken { return taken }
            return .nothing
        case 13: return .byte(position + amount < data.count ? data[position + amount] : nil)
        default:
            guard case .bytes(let taken) = take(amount) else { return .failed(truncated(amount)) }
            return .bytes(Array(String(decoding: taken, as: UTF8.self).utf8))
        }
    }

    private func truncated(_ needed: Int) -> ByteReaderError {
        .truncated(offset: position, needed: needed, available: data.count - position)
    }
}

private func run(_ kind: Int, _ amount: Int, on reader: inout ByteReader) throws(ByteReaderError) -> Outcome {
    switch kind {
    case 0: return .number(UInt64(try reader.u8()))
    case 1: return .number(UInt64(try reader.u16()))
    case 2: return .number(UInt64(try reader.u24()))
    case 3: return .number(UInt64(try reader.u32()))
    case 4: return .number(try reader.u64())
    case 5: return .number(try reader.f64().bitPattern)
    case 6: return .number(UInt64(try reader.u16LE()))
    case 7: return .number(UInt64(try reader.u24LE()))
    case 8: return .number(UInt64(try reader.u32LE()))
    case 9: return .number(try reader.u64LE())
    case 10: return .bytes(Array(copying: try reader.take(amount)))
    case 11: return .bytes(Array(copying: reader.rest()))
    case 12:
        try reader.skip(amount)
        return .nothing
    case 13: return .byte(reader.peek(amount))
    default: return .bytes(Array(try reader.string(amount).utf8))
    }
}

func compareReader(_ choices: inout Choices) throws(Mismatch) {
    let data = choices.run(choices.number())
    var model = ReaderModel(data: data)
    var reader = ByteReader(data.rawSpan)
    while let choice = choices.next() {
        let kind = Int(choice) % 15
        let amount = kind < 10 ? 0 : choices.number() % 40
        let expected = model.run(kind, amount)
        let outcome: Outcome
        do throws(ByteReaderError) {
            outcome = try run(kind, amount, on: &reader)
        } catch {
            outcome = .failed(error)
        }
        try agree(outcome, expected, "reader operation \(kind)(\(amount))")
        try agree(reader.offset, model.position, "offset after reader operation \(kind)(\(amount))")
        try agree(reader.remaining, data.count - model.position, "remaining")
        try agree(reader.isAtEnd, model.position == data.count, "isAtEnd")
    }
}
