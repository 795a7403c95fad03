/// Why a WebSocket is closed (RFC 6455 §7.4).
package struct CloseCode: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16

    /// Nil for codes that may not be sent: those below 1000, the reserved ones, and those above 4999.
    package init?(rawValue: UInt16) {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: self.rawValue = rawValue
        default: return nil
        }
    }

    private init(known: UInt16) { rawValue = known }

    package static let normal = CloseCode(known: 1000)
    package static let goingAway = CloseCode(known: 1001)
    package static let protocolError = CloseCode(known: 1002)
    package static let unsupportedData = CloseCode(known: 1003)
    package static let invalidPayload = CloseCode(known: 1007)
    package static let policyViolation = CloseCode(known: 1008)
    package static let messageTooBig = CloseCode(known: 1009)
    package static let internalError = CloseCode(known: 1011)
    package static let tryAgainLater = CloseCode(known: 1013)
}
