import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Registry
import Telemetry

/// One client of RTMP: its session up to publish or play, the search for an origin, then the relay.
///
///     session ──publish, play──► searching ──an origin accepts──► relaying ──either leg ends──► closed
///        ▲ ▲                        │ none does: refused            │ ▲ │
///        │ └────────────────────────┘                               │ │ └─ a player's stream is elsewhere, or its
///        └──────────── the client stops, or plays something else ◄──┘ └── origin has gone: `RelayConnection+Moving`
///
/// What comes while it searches waits in the socket. A leg whose output is blocked holds back the other's input, so
/// that nothing is buffered here beyond a read and the watermarks.
final class RelayConnection: RTMPServedConnection {
    private static let handshakeTimeout = Duration.seconds(10)
    /// Without publishing or playing.
    private static let idleTimeout = Duration.seconds(30)

    let context: RelayContext
    let server: RTMPServer
    let socket: TCPConnection
    var position = 0
    var admission = RTMPAdmission.awaited
    var watchPlace: Int?
    /// Its channel is lent to the relay while there is one.
    var session: ServerSession
    /// As an origin gets it.
    var connect: ConnectRequest?
    /// For an origin without which nothing goes on.
    var search: OriginSearch?
    private var input = RTMPInput()
    /// What is relayed, or waits for another origin to go on with.
    var request: OriginSearch.Request?
    var relay: Relay?
    var leg: OriginLeg?
    var claim: HeldClaim?
    /// What the client has said to end the relay, until the message is whole that it is being sent.
    var stop: (stream: MessageStreamID, command: Command)?
    var moving = RelayMoving()
    /// What operators see, from a request to its end.
    var listing: Listing?

    init(_ socket: TCPConnection, of server: RTMPServer, _ context: RelayContext) {
        self.socket = socket
        self.server = server
        self.context = context
        session = ServerSession(settings: context.settings, crypto: .system)
        socket.deadline = server.loop.now + Self.handshakeTimeout
    }

    /// One that is relayed goes on until a leg ends, or the grace is over.
    func shutDown() { if relay == nil, search?.aim != .request { socket.close() } }

    func abort() { socket.abort() }

    func awaitRequest() { socket.deadline = server.loop.now + Self.idleTimeout }

    /// Whether what the client sends has to wait.
    var isWaiting: Bool { search != nil || stop != nil || (relay == nil && request != nil) }

    /// Goes on with what has come, and with reading.
    func resume() {
        do throws(SessionError) {
            try input.retake { (bytes) throws(SessionError) in try process(bytes) }
        } catch {
            fail(error)
        }
        if !isWaiting { socket.resumeReading() }
    }

    func fail(_ error: SessionError) {
        server.failed(socket, error, phase: session.phase)
        socket.abort()
    }
}

// MARK: - The client's leg

extension RelayConnection: TCPHandler {
    func received(_ bytes: RawSpan, on connection: TCPConnection) {
        do throws(SessionError) {
            let isKept = try input.take(bytes) { (bytes) throws(SessionError) in try process(bytes) }
            guard isKept else { return socket.abort() }
        } catch {
            fail(error)
        }
    }

    /// Returns what was consumed.
    private func process(_ bytes: RawSpan) throws(SessionError) -> Int {
        var consumed = relay == nil || stop != nil ? 0 : pass(bytes, from: .client)
        if relay == nil {
            try server.withOutput(to: socket) { (output: inout ByteWriter) throws(SessionError) in
                while !isWaiting, socket.isOpen {
                    let rest = bytes.extracting(consumed..<bytes.byteCount)
                    let step = try session.next(rest, output: &output)
                    consumed += step.consumed
                    if case .needsInput = step.event { return }
                    happened(step.event, output: &output)
                }
            }
            // Whoever asks and does not read the answers has to wait.
            if socket.isOutputBlocked { socket.pauseReading() }
        }
        if isWaiting { socket.pauseReading() }
        return consumed
    }

    func outputDrained(_ connection: TCPConnection) {
        if relay == nil { return resume() }
        leg?.socket?.resumeReading()
    }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
        giveUp()
        server.remove(self, on: connection, reason)
    }
}

extension RelayConnection: ClaimOwner {
    func claimGranted(_ claim: StreamClaim) { search?.claimGranted() }

    func claimDelayed() { search?.claimDelayed() }

    func claimRefused(_ error: ClaimError) { search?.claimRefused(error) }

    /// The stream is at another origin now: this publisher has to go there.
    func claimLost(to holder: StreamClaim?) {
        server.log.warning(
            "claim lost, publisher is disconnected", every: &context.notices.claimLost, at: server.loop.now,
            ["stream": claim?.key.description ?? "", "holder": holder?.origin.text ?? ""])
        claim = nil
        dismiss()
    }
}
