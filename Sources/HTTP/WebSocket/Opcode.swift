/// What a WebSocket frame is (RFC 6455 §5.2); the reserved values are refused by the parser.
package enum Opcode: UInt8, Sendable, Hashable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Control frames are short, never in fragments, and may stand between the fragments of a message.
    package var isControl: Bool { rawValue & 0x8 != 0 }
}
