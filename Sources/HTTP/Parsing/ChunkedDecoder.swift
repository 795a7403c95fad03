import Bytes

/// The chunked transfer coding (RFC 9112 §7.1), byte by byte outside the data, so that it never needs to see a byte
/// twice.
///
///     size ──;──▶ extension                    ┌──────────◀─────────┐
///       └──CR──▶ sizeEnd ◀──CR──┘              │                    │
///                   ├─ LF, size > 0 ──▶ data ──▶ dataCR ──▶ dataLF ─┘ (to size)
///                   └─ LF, size = 0 ──▶ lineStart ─▶ name ─▶ value ─▶ lineEnd ─┐
///                                         │   ▲────────────────────────────────┘
///                                         └─ CR ──▶ lastLF ──▶ complete
///
/// Extensions are skipped and trailer fields checked and dropped, as RFC 9110 §6.5.1 allows: nothing here needs them,
/// and a trailer that is never merged cannot smuggle anything.
struct ChunkedDecoder: Sendable {
    private enum State: UInt8, Sendable {
        case size, sizeExtension, sizeEnd
        case data, dataCR, dataLF
        case lineStart, name, value, lineEnd
        case lastLF, complete
    }

    private var state = State.size
    /// The size being read, then the bytes of data to come.
    private var size = 0
    private var digits: UInt8 = 0
    /// Extension bytes read and not yet paid for by data.
    private var extensionDebt = 0
    private var trailerBytes = 0
    private let maximumExtension: Int
    private let maximumTrailer: Int

    /// Sixteen digits are more than any `Int`; leading zeros count.
    private static let maximumDigits: UInt8 = 16

    init(limits: BodyLimits) {
        maximumExtension = limits.maximumChunkExtensionBytes
        maximumTrailer = limits.maximumTrailerBytes
    }

    var isComplete: Bool { state == .complete }

    /// `allowance` is what the body may still hold of its `maximum`.
    mutating func decode(_ input: RawSpan, allowance: Int, maximum: Int) throws(HTTPParseError) -> BodyStep {
        var position = 0
        while position < input.byteCount, state != .complete {
            if state == .data {
                let taken = min(size, input.byteCount - position)
                size -= taken
                extensionDebt = max(0, extensionDebt - taken)
                if size == 0 { state = .dataCR }
                return BodyStep(consumed: position + taken, data: position..<(position + taken))
            }
            try take(input[position])
            if state == .data, size > allowance { throw .bodyTooLarge(maximum: maximum) }
            position += 1
        }
        return BodyStep(consumed: position, data: 0..<0)
    }

    private mutating func take(_ byte: UInt8) throws(HTTPParseError) {
        switch state {
        case .size, .sizeExtension, .sizeEnd: try takeSize(byte)
        case .dataCR:
            guard byte == UInt8(ascii: "\r") else { throw .missingChunkEnd }
            state = .dataLF
        case .dataLF:
            guard byte == UInt8(ascii: "\n") else { throw .missingChunkEnd }
            state = .size
            digits = 0
        case .lineStart, .name, .value, .lineEnd: try takeTrailer(byte)
        case .lastLF:
            guard byte == UInt8(ascii: "\n") else { throw .bareCarriageReturn }
            state = .complete
        case .data, .complete: break
        }
    }

    /// Hexadecimal digits, nothing around them: not even the blanks that some senders write and some recipients strip.
    private mutating func takeSize(_ byte: UInt8) throws(HTTPParseError) {
        switch (state, byte) {
        case (.sizeEnd, UInt8(ascii: "\n")):
            state = size > 0 ? .data : .lineStart
        case (.sizeEnd, _):
            throw .bareCarriageReturn
        case (_, UInt8(ascii: "\r")):
            guard digits > 0 else { throw .invalidChunkSize }
            state = .sizeEnd
        case (.sizeExtension, _):
            try Self.check(byte)
            extensionDebt += 1
            guard extensionDebt <= maximumExtension else { throw .chunkExtensionsTooLarge(maximum: maximumExtension) }
        case (_, UInt8(ascii: ";")):
            guard digits > 0 else { throw .invalidChunkSize }
            state = .sizeExtension
        default:
            guard let value = byte.hexValue, digits < Self.maximumDigits, size <= Int.max >> 4 else {
                throw .invalidChunkSize
            }
            size = size << 4 | Int(value)
            digits += 1
        }
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPParseError) {
        trailerBytes += 1
        guard trailerBytes <= maximumTrailer else { throw .trailersTooLarge(maximum: maximumTrailer) }
        switch state {
        case .lineStart where byte == UInt8(ascii: "\r"):
            state = .lastLF
        case .lineStart:
            if byte.isBlank { throw .foldedField }
            if byte == UInt8(ascii: ":") { throw .emptyFieldName }
            try takeName(byte)
            state = .name
        case .name where byte == UInt8(ascii: ":"):
            state = .value
        case .name:
            try takeName(byte)
        case .value where byte == UInt8(ascii: "\r"):
            state = .lineEnd
        case .value:
            try Self.check(byte)
        case .lineEnd:
            guard byte == UInt8(ascii: "\n") else { throw .bareCarriageReturn }
            state = .lineStart
        case .size, .sizeExtension, .sizeEnd, .data, .dataCR, .dataLF, .lastLF, .complete:
            break
        }
    }

    private func takeName(_ byte: UInt8) throws(HTTPParseError) {
        if CharacterSet.token.contains(byte) { return }
        try Self.check(byte)
        if byte == UInt8(ascii: "\r") { throw .missingColon }
        throw byte.isBlank ? .whitespaceBeforeColon : .invalidFieldName
    }

    /// Text of an extension or a trailer: no control characters but tabs.
    private static func check(_ byte: UInt8) throws(HTTPParseError) {
        if byte == UInt8(ascii: "\n") { throw .bareLineFeed }
        guard byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") else {
            throw .controlCharacter
        }
    }
}
