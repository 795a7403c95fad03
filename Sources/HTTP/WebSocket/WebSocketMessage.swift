import Bytes

/// A text or binary message while its frames come in.
struct WebSocketMessage: ~Copyable {
    let isText: Bool
    /// Unmasked.
    private(set) var bytes: ByteWriter
    private var text = UTF8Validator()

    init(isText: Bool, capacity: Int) {
        self.isText = isText
        bytes = ByteWriter(capacity: capacity)
    }

    /// Text is checked as it comes, so that a long message with an early fault is not awaited.
    mutating func append(_ payload: RawSpan, _ mask: inout Mask) throws(WebSocketError) {
        let start = bytes.count
        mask.append(payload, to: &bytes)
        guard isText else { return }
        var validator = text
        let isValid = validator.accept(bytes.bytes.extracting(start..<bytes.count))
        text = validator
        guard isValid else { throw .invalidUTF8 }
    }

    /// Whether it may end here: text not within a character.
    var isWellFormed: Bool { !isText || text.isComplete }

    consuming func finish() -> SharedBytes { bytes.finish() }
}
