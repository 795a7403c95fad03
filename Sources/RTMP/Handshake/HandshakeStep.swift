import Bytes

/// What the bytes given to a handshake came to.
package struct HandshakeStep: Sendable, Hashable {
    /// Bytes that are done with. The rest is to be given again, with more behind it.
    package let consumed: Int
    /// Whether the handshake is over: what follows the consumed bytes is chunks.
    package let isDone: Bool

    /// The most bytes that a handshake leaves unconsumed, waiting for more.
    package static let maximumUnconsumedBytes = HandshakePacket.byteCount
}

/// How far the peer's half of a handshake has come, which is the same for both sides.
///
///     awaitingHello ──version, first packet──▶ awaitingAnswer ──second packet──▶ done
struct PeerHandshake: Sendable {
    private enum State: Sendable {
        case awaitingHello
        /// So many bytes of the second packet are still to come.
        case awaitingAnswer(Int)
        case done
    }

    private var state = State.awaitingHello

    /// Where the peer's first packet lies in the bytes that complete it.
    static let hello = 1..<(1 + HandshakePacket.byteCount)

    /// `hasHello` where the first packet was consumed just now.
    mutating func receive(_ bytes: RawSpan) throws(HandshakeError) -> (hasHello: Bool, step: HandshakeStep) {
        var consumed = 0
        var hasHello = false
        if case .awaitingHello = state {
            guard try FirstBytes.areRTMP(bytes), bytes.byteCount >= Self.hello.upperBound else {
                return (false, HandshakeStep(consumed: 0, isDone: false))
            }
            consumed = Self.hello.upperBound
            hasHello = true
            state = .awaitingAnswer(HandshakePacket.byteCount)
        }
        if case .awaitingAnswer(let missing) = state {
            let taken = min(missing, bytes.byteCount - consumed)
            consumed += taken
            state = taken == missing ? .done : .awaitingAnswer(missing - taken)
        }
        guard case .done = state else { return (hasHello, HandshakeStep(consumed: consumed, isDone: false)) }
        return (hasHello, HandshakeStep(consumed: consumed, isDone: true))
    }
}
