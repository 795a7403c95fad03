import Bytes
import RTMP
import TestKit

/// Small, so that short inputs reach them.
let tightLimits = AMFLimits(maximumDepth: 8, maximumValues: 200, maximumBytes: 2000)

/// What one message holds in one of the two formats.
private enum Values {
    case amf0([AMF0Value])
    case amf3([AMF3Value])

    /// As many values as the bytes have, or why they cannot be read.
    static func read(_ bytes: [UInt8], amf3 isAMF3: Bool, limits: AMFLimits) throws(AMFError) -> Values {
        var reader = AMFReader(bytes.rawSpan, limits: limits)
        if isAMF3 {
            var values: [AMF3Value] = []
            while !reader.isAtEnd { values.append(try reader.value3()) }
            return .amf3(values)
        }
        var values: [AMF0Value] = []
        while !reader.isAtEnd { values.append(try reader.value()) }
        return .amf0(values)
    }

    func write() throws(AMFError) -> [UInt8] {
        var output = ByteWriter()
        switch self {
        case .amf0(let values): for value in values { try value.append(to: &output) }
        case .amf3(let values): for value in values { try value.append(to: &output) }
        }
        return Array(copying: output.bytes)
    }
}

/// What is read can be written, is read again as the same at the same cost, and is not much larger than the limits.
func checkValues(_ bytes: [UInt8], amf3: Bool) throws(BrokenInvariant) {
    let values: Values
    do throws(AMFError) {
        values = try Values.read(bytes, amf3: amf3, limits: tightLimits)
    } catch {
        return try checkError(error, count: bytes.count)
    }
    let written: [UInt8]
    let again: Values
    let twice: [UInt8]
    do throws(AMFError) {
        written = try values.write()
        again = try Values.read(written, amf3: amf3, limits: tightLimits)
        twice = try again.write()
    } catch {
        throw BrokenInvariant("\(values) cannot be written and read again: \(error)")
    }
    // A value costs its marker, its key's length and its own; numbers have eight bytes.
    let bound = tightLimits.maximumBytes + 24 * tightLimits.maximumValues
    try require(written.count <= bound, "\(bytes.count) bytes became \(written.count)")
    // By their bytes: a NaN equals nothing.
    try require(twice == written, "\(values) is read again as \(again)")
}

/// An error of reading says where, inside of the message.
func checkError(_ error: AMFError, count: Int) throws(BrokenInvariant) {
    switch error {
    case .truncated(let offset):
        try require(offset == count || count - offset < 8, "\(error) in \(count) bytes")
    case .unknownMarker(_, let offset), .unexpectedObjectEnd(let offset), .unknownReference(_, let offset),
        .cyclicReference(let offset), .externalizable(let offset):
        try require((0..<count).contains(offset), "\(error) in \(count) bytes")
    case .tooDeep, .tooManyValues, .tooManyBytes: break
    case .tooLong, .emptyKey: throw BrokenInvariant("\(error) is no error of reading")
    }
}
