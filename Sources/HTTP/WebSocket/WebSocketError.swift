/// How a peer broke the rules of RFC 6455; the connection is failed with `closeCode`.
package enum WebSocketError: Error, Equatable {
    case reservedBits
    case reservedOpcode(UInt8)
    /// A client's frames are masked, a server's are not (§5.1).
    case wrongMasking
    case fragmentedControlFrame
    case controlFrameTooLong(Int)
    /// A length written in more bytes than it needs (§5.2).
    case lengthNotMinimal
    case lengthOutOfRange
    case continuationWithoutMessage
    case messageInsideMessage
    case messageTooLarge(maximum: Int)
    case invalidUTF8
    case invalidCloseFrame
    case invalidCloseCode(UInt16)
    /// The connection ended without a close frame.
    case truncated

    /// What the peer is told.
    package var closeCode: CloseCode {
        switch self {
        case .messageTooLarge, .lengthOutOfRange: .messageTooBig
        case .invalidUTF8: .invalidPayload
        case .reservedBits, .reservedOpcode, .wrongMasking, .fragmentedControlFrame, .controlFrameTooLong,
            .lengthNotMinimal, .continuationWithoutMessage, .messageInsideMessage, .invalidCloseFrame,
            .invalidCloseCode, .truncated:
            .protocolError
        }
    }
}
