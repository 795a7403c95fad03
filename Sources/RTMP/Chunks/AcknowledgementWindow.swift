/// Counts the bytes of a connection in both directions: when to acknowledge, and what the peer has.
///
/// The protocol counts modulo 2³²; here nothing wraps. A peer that never acknowledges is no reason to stop sending, for
/// real clients do not: what is unacknowledged is for statistics, TCP's own window is what holds a sender back.
package struct AcknowledgementWindow: Sendable {
    /// Bytes that have come, and up to where that was told to the peer.
    package private(set) var receivedBytes: UInt64 = 0
    private var toldBytes: UInt64 = 0
    /// The window that the peer asked to be acknowledged by; nil where it never did, and gets no acknowledgements.
    private var receiveWindow: UInt64?

    package private(set) var sentBytes: UInt64 = 0
    /// How much of that the peer has, as far as it told.
    package private(set) var acknowledgedBytes: UInt64 = 0

    /// The least that has to come between two acknowledgements, whatever the peer asks for: a window of one byte would
    /// make every read an answer.
    package static let minimumInterval: UInt64 = 4096

    package init() {}

    /// The peer has sent a window acknowledgement size; 0 asks for no acknowledgements.
    package mutating func windowReceived(_ size: UInt32) { receiveWindow = size == 0 ? nil : UInt64(size) }

    /// Notes bytes that have come. The sequence number to acknowledge, where that is due.
    ///
    /// It is due at half of the window: some peers stop at a full one, and the answer needs its time.
    package mutating func received(_ count: Int) -> UInt32? {
        receivedBytes += UInt64(count)
        guard let receiveWindow else { return nil }
        guard receivedBytes - toldBytes >= max(receiveWindow / 2, Self.minimumInterval) else { return nil }
        toldBytes = receivedBytes
        return UInt32(truncatingIfNeeded: receivedBytes)
    }

    package mutating func sent(_ count: Int) { sentBytes += UInt64(count) }

    /// Bytes sent that the peer has not said to have.
    package var unacknowledgedBytes: UInt64 { sentBytes - acknowledgedBytes }

    /// The peer has sent an acknowledgement. One that goes back is ignored; one for more than was sent, as from peers
    /// that count differently, is for everything.
    package mutating func acknowledged(_ sequence: UInt32) {
        let step = sequence &- UInt32(truncatingIfNeeded: acknowledgedBytes)
        guard step < 0x8000_0000 else { return }
        acknowledgedBytes = min(sentBytes, acknowledgedBytes + UInt64(step))
    }
}
