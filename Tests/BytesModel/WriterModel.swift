import Bytes

/// The `width` low bytes of `value`, most significant first.
private func bigEndian(_ value: UInt64, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (width - 1 - $0))) }
}

/// What an operation appends, or nil where it is none that appends.
private func appended(_ kind: Int, _ value: UInt64, _ run: [UInt8]) -> [UInt8]? {
    switch kind {
    case 0: return bigEndian(value, 1)
    case 1: return bigEndian(value, 2)
    case 2: return bigEndian(value, 3)
    case 3: return bigEndian(value, 4)
    case 4, 5: return bigEndian(value, 8)
    case 6: return bigEndian(value, 2).reversed()
    case 7: return bigEndian(value, 3).reversed()
    case 8: return bigEndian(value, 4).reversed()
    case 9: return bigEndian(value, 8).reversed()
    case 10, 11: return run
    case 12: return Array(String(Int64(bitPattern: value)).utf8)
    case 13: return Array(String(value).utf8)
    case 14: return Array(String(value, radix: 16).utf8)
    case 15: return Array(String(decoding: run, as: UTF8.self).utf8)
    case 16: return Array("literal é".utf8)
    default: return nil
    }
}

private func run(_ kind: Int, _ value: UInt64, _ run: [UInt8], on writer: inout ByteWriter) {
    switch kind {
    case 0: writer.u8(UInt8(truncatingIfNeeded: value))
    case 1: writer.u16(UInt16(truncatingIfNeeded: value))
    case 2: writer.u24(UInt32(truncatingIfNeeded: value))
    case 3: writer.u32(UInt32(truncatingIfNeeded: value))
    case 4: writer.u64(value)
    case 5: writer.f64(Double(bitPattern: value))
    case 6: writer.u16LE(UInt16(truncatingIfNeeded: value))
    case 7: writer.u24LE(UInt32(truncatingIfNeeded: value))
    case 8: writer.u32LE(UInt32(truncatingIfNeeded: value))
    case 9: writer.u64LE(value)
    case 10: writer.append(run)
    case 11: writer.append(SharedBytes(run))
    case 12: writer.append(decimal: Int64(bitPattern: value))
    case 13: writer.append(decimal: value)
    case 14: writer.append(hex: value)
    case 15: writer.append(text: String(decoding: run, as: UTF8.self))
    default: writer.append("literal é")
    }
}

func compareWriter(_ choices: inout Choices) throws(Mismatch) {
    var model: [UInt8] = []
    var writer = ByteWriter(capacity: choices.number() % 32)
    while let choice = choices.next() {
        let kind = Int(choice) % 20
        let value = choices.wide()
        let bytes = choices.run(kind == 10 || kind == 11 || kind == 15 ? choices.number() : 0)
        if let more = appended(kind, value, bytes) {
            model += more
            run(kind, value, bytes, on: &writer)
        } else if kind == 19 {
            model = []
            writer.removeAll()
        } else if model.count >= 4 {
            let width = kind == 17 ? 3 : 4
            let offset = Int(value >> 32) % (model.count - width + 1)
            model.replaceSubrange(offset..<offset + width, with: bigEndian(value, width))
            if width == 3 {
                writer.patchU24(UInt32(truncatingIfNeeded: value), at: offset)
            } else {
                writer.patchU32(UInt32(truncatingIfNeeded: value), at: offset)
            }
        }
        try agree(writer.count, model.count, "count after writer operation \(kind)")
        try agree(Array(copying: writer.bytes), model, "bytes after writer operation \(kind)")
    }
    try compareSlices(of: writer.finish(), with: model)
}

/// Every slice of a few lengths, and a slice of a slice.
private func compareSlices(of shared: SharedBytes, with model: [UInt8]) throws(Mismatch) {
    try agree(shared.array, model, "finished bytes")
    for start in stride(from: 0, through: model.count, by: max(1, model.count / 7)) {
        let slice = shared[start..<model.count]
        try agree(slice.array, Array(model[start...]), "slice from \(start)")
        let half = slice[0..<slice.count / 2]
        try agree(half.array, Array(model[start..<start + half.count]), "half of the slice from \(start)")
    }
}
