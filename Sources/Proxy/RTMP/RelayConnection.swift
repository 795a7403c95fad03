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
///        ▲                          │ none does: refused
///        └──────────────────────────┘
///
/// What comes while it searches waits in the socket. A leg whose output is blocked holds back the other's input, so that
/// nothing is buffered here beyond a read and the watermarks.
final class RelayConnection: RTMPServedConnection {
    private static let handshakeTimeout = Duration.seconds(10)
    /// Without publishing or playing.
    private static let idleTimeout = Duration.seconds(30)

    let context: RelayContext
    let server: RTMPServer
    let socket: TCPConnection
    var position = 0
    /// Until the relay has its connection.
    var session: ServerSession?
    var connect: ConnectRequest?
    var search: OriginSearch?
    private var input = RTMPInput()
    private var relay: Relay?
    private var leg: OriginLeg?
    private var purpose: RelayPurpose?
    private var claim: HeldClaim?

    init(_ socket: TCPConnection, of server: RTMPServer, _ context: RelayContext) {
        self.socket = socket
        self.server = server
        self.context = context
        session = ServerSession(settings: context.settings, crypto: .system)
        socket.deadline = server.loop.now + Self.handshakeTimeout
    }

    /// One that is relayed goes on until a leg ends, or the grace is over.
    func shutDown() { if relay == nil, search == nil { socket.close() } }

    func abort() { socket.abort() }

    func awaitRequest() { socket.deadline = server.loop.now + Self.idleTimeout }

    /// Both sides have agreed: from here on bytes flow.
    func begin(_ found: OriginSearch.Found) {
        guard let channel = session.take()?.handOver(), let origin = found.leg.handOver() else {
            return socket.abort()
        }
        leg = found.leg
        claim = found.claim
        purpose = found.request.purpose
        context.meter.sessions(found.request.purpose).add()
        context.routing.records.opened(found.leg.routed.origin.id, .rtmp)
        var relay = Relay(
            client: channel, on: found.request.stream, origin: origin, on: found.originStream)
        server.withOutput(to: socket) { toClient in
            var toOrigin = ByteWriter()
            relay.begin(toClient: &toClient, toOrigin: &toOrigin)
            found.leg.socket?.write(toOrigin.bytes)
        }
        self.relay = relay
        found.leg.goOn()
        resume()
    }

    /// Goes on with what has come, and with reading.
    func resume() {
        do throws(SessionError) {
            try input.retake { (bytes) throws(SessionError) in try process(bytes) }
        } catch {
            fail(error)
        }
        if search == nil { socket.resumeReading() }
    }

    private func fail(_ error: SessionError) {
        server.failed(socket, error, phase: session?.phase ?? .connected)
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
        if relay != nil { return pass(bytes, from: .client) }
        var consumed = 0
        try server.withOutput(to: socket) { (output: inout ByteWriter) throws(SessionError) in
            while search == nil, !socket.isClosed {
                let rest = bytes.extracting(consumed..<bytes.byteCount)
                guard let step = try session?.next(rest, output: &output) else { return }
                consumed += step.consumed
                if case .needsInput = step.event { return }
                happened(step.event, output: &output)
            }
        }
        // Whoever asks and does not read the answers has to wait; whoever waits for an origin, too.
        if search != nil || socket.isOutputBlocked { socket.pauseReading() }
        return consumed
    }

    func outputDrained(_ connection: TCPConnection) {
        if relay == nil { return resume() }
        leg?.socket?.resumeReading()
    }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
        search?.abandon()
        search = nil
        leg?.end()
        endRelay()
        server.remove(self)
    }

    private func endRelay() {
        if let purpose, let leg {
            context.meter.sessions(purpose).subtract()
            context.routing.records.ended(leg.routed.origin.id, .rtmp)
        }
        purpose = nil
        relay = nil
        claim?.release()
        claim = nil
    }
}

// MARK: - Relaying

extension RelayConnection {
    /// Passes on what `side` has sent; returns what was consumed, which is nearly all.
    private func pass(_ bytes: RawSpan, from side: Relay.Side) -> Int {
        guard let other = side == .client ? leg?.socket : socket, let own = side == .client ? socket : leg?.socket
        else { return bytes.byteCount }
        (side == .client ? context.meter.upstream : context.meter.downstream).add(UInt64(bytes.byteCount))
        var consumed = 0
        do throws(ChunkError) {
            try server.withOutput(to: other) { (onward: inout ByteWriter) throws(ChunkError) in
                var back = ByteWriter()
                while relay != nil {
                    let rest = bytes.extracting(consumed..<bytes.byteCount)
                    let before = onward.count
                    guard let step = try relay?.next(rest, from: side, onward: &onward, back: &back) else { return }
                    if !step.raw.isEmpty { send(rest.extracting(step.raw), into: &onward, at: before, to: other) }
                    consumed += step.consumed
                    if step.event == .needsInput { break }
                }
                own.write(back.bytes)
            }
        } catch {
            server.failed(own, .chunks(error), phase: purpose == .publish ? .publishing : .playing)
            socket.close()
        }
        if other.isOutputBlocked { own.pauseReading() }
        return consumed
    }

    /// Sends `raw` where it belongs: behind what was in `onward` before the step, in front of what the step has added.
    private func send(_ raw: RawSpan, into onward: inout ByteWriter, at before: Int, to other: TCPConnection) {
        other.write(onward.bytes.extracting(0..<before))
        other.write(raw)
        guard onward.count > before else { return onward.removeAll() }
        other.write(onward.bytes.extracting(before..<onward.count))
        onward.removeAll()
    }
}

extension RelayConnection: OriginLegOwner {
    func legAccepted(_ leg: OriginLeg, on stream: MessageStreamID, _ status: Status?) {
        search?.accepted(leg, on: stream, status)
    }

    func legFailed(_ leg: OriginLeg, _ failure: OriginFailure) { search?.failed(leg, failure) }

    func legReceived(_ bytes: RawSpan, from leg: OriginLeg) -> Int { pass(bytes, from: .origin) }

    func legDrained(_ leg: OriginLeg) { socket.resumeReading() }

    /// What it has sent reaches the client first.
    func legClosed(_ leg: OriginLeg, _ reason: TCPCloseReason) {
        if let search { return search.closed(leg, reason) }
        socket.close()
    }
}

extension RelayConnection: ClaimOwner {
    func claimGranted(_ claim: StreamClaim) { search?.claimGranted() }

    func claimRefused(_ error: ClaimError) { search?.claimRefused(error) }

    /// The stream is at another origin now: this publisher has to go there.
    func claimLost(to holder: StreamClaim?) {
        server.log.warning(
            "claim lost, publisher is disconnected",
            ["stream": claim?.key.description ?? "", "holder": holder?.origin.text ?? ""])
        claim = nil
        socket.close()
    }
}
