/// The header of one WebSocket frame (RFC 6455 §5.2).
package struct FrameHeader: Sendable, Hashable {
    package var opcode: Opcode
    /// Whether it ends its message.
    package var isFinal: Bool
    /// Of the payload, in bytes.
    package var length: Int
    /// The masking key, where the payload is masked.
    package var maskKey: UInt32?

    package init(_ opcode: Opcode, length: Int, isFinal: Bool = true, maskKey: UInt32? = nil) {
        self.opcode = opcode
        self.isFinal = isFinal
        self.length = length
        self.maskKey = maskKey
    }

    /// The most bytes a header takes.
    package static let maximumBytes = 14

    /// Of a control frame's payload (§5.5).
    package static let maximumControlBytes = 125
}
