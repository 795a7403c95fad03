import Bytes

/// Which of the two message types of a kind carries the values.
package enum MessageEncoding: UInt8, Sendable, Hashable {
    /// Types 20 (commands) and 18 (data).
    case amf0
    /// Types 17 (commands) and 15 (data): a zero byte, then AMF0 that may switch to AMF3 for any of its values.
    case amf3
}

extension AMFReader {
    /// Steps over the zero byte in front of a message of AMF3. Senders that leave it out exist; no message can begin
    /// with a number, which is what the byte would mean.
    mutating func skipFormat(_ encoding: MessageEncoding) throws(AMFError) {
        if encoding == .amf3, input.peek() == 0 { _ = try u8() }
    }

    /// All values that are left.
    mutating func rest() throws(AMFError) -> [AMF0Value] {
        var values: [AMF0Value] = []
        while !isAtEnd { values.append(try value()) }
        return values
    }

    /// The name that a message begins with.
    mutating func name() throws(CommandError) -> AMFString {
        let first: AMF0Value
        do { first = try value() } catch { throw .malformed(error) }
        guard let name = first.text else { throw .missingName }
        return name
    }
}
