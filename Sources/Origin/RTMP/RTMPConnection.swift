import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Service
import Telemetry

/// One client of RTMP: a publisher, a player, or both on several message streams.
///
///     handshake ─► connect ─► waiting ─► publish, play ─► … ─► closed
///        └── 10 s ──┴── 30 s ────┘          └ media within the publisher's timeouts
///
/// A publisher whose stream is taken is not refused at once: it waits for a moment, unanswered and unread, and asks
/// again.
final class RTMPConnection: RTMPServedConnection {
    let context: RTMPContext
    let server: RTMPServer
    let socket: TCPConnection
    var position = 0
    var admission = RTMPAdmission.awaited
    var session: ServerSession
    private var input = RTMPInput()
    var connect: ConnectRequest?
    var publications: [(stream: MessageStreamID, publication: Publication, settings: HostSettings)] = []
    var players: [RTMPPlayer] = []
    /// A publish whose stream was taken, and what tells when it is asked for again.
    var waiting: (wish: PublishWish, timer: TimerID)?
    /// Among the clients of the loop, while it publishes or plays.
    var listing: RosterID?

    init(_ socket: TCPConnection, of server: RTMPServer, _ context: RTMPContext) {
        self.socket = socket
        self.server = server
        self.context = context
        session = ServerSession(settings: context.settings, crypto: .system)
        socket.deadline = server.loop.now + context.timeouts.handshake
    }

    var isIdle: Bool { publications.isEmpty && players.isEmpty }

    /// A connection that publishes or plays goes on until its peer goes, or the grace is over.
    func shutDown() { if isIdle { socket.close() } }

    func abort() { socket.abort() }

    /// Gives up a peer that breaks the rules.
    private func fail(_ error: SessionError) {
        context.meter.cut(.malformed)
        server.failed(socket, error, phase: session.phase)
        socket.abort()
    }

    /// What waits to be merged need not be read as it comes.
    func setPace() {
        let isPaced = !publications.isEmpty && publications.allSatisfy { $0.settings.policy.allowsPacing }
        socket.paceReading(isPaced && players.isEmpty)
    }

    /// When to look at the peer again if nothing comes.
    func setDeadline() {
        switch session.phase {
        case .handshaking, .connecting: break
        case .connected: socket.deadline = server.loop.now + context.timeouts.idle
        case .publishing:
            guard let publisher = publications.first else { return }
            let settings = publisher.settings
            let hasBegun = publisher.publication.frameCount > 0
            socket.deadline = server.loop.now + (hasBegun ? settings.frameTimeout : settings.firstFrameTimeout)
        // A play that has failed on the way is over, and the client may not know.
        case .playing: socket.deadline = players.isEmpty ? server.loop.now + context.timeouts.idle : nil
        }
    }
}

// MARK: - Bytes

extension RTMPConnection: TCPHandler {
    func received(_ bytes: RawSpan, on connection: TCPConnection) {
        do throws(SessionError) {
            let isKept = try input.take(bytes) { (bytes) throws(SessionError) in try process(bytes) }
            guard isKept else { return socket.abort() }
        } catch {
            fail(error)
        }
        holdInput()
    }

    /// Whoever asks and does not read the answers has to wait, and so has whoever waits for a decision.
    private func holdInput() {
        if waiting != nil || (socket.isOutputBlocked && players.isEmpty) { socket.pauseReading() }
    }

    /// Goes on behind a decision, with what has come and with reading.
    func resume() {
        socket.resumeReading()
        do throws(SessionError) {
            try input.retake { (bytes) throws(SessionError) in try process(bytes) }
        } catch {
            fail(error)
        }
        holdInput()
    }

    private func process(_ bytes: RawSpan) throws(SessionError) -> Int {
        var consumed = 0
        try server.withOutput(to: socket) { (output: inout ByteWriter) throws(SessionError) in
            while waiting == nil, !socket.isClosed {
                let step = try session.next(bytes.extracting(consumed..<bytes.byteCount), output: &output)
                consumed += step.consumed
                if case .needsInput = step.event { return }
                happened(step.event, output: &output)
            }
        }
        return consumed
    }

    func outputDrained(_ connection: TCPConnection) {
        if waiting == nil { socket.resumeReading() }
        for player in players { player.drained() }
    }

    func deadlinePassed(_ connection: TCPConnection) {
        if let publisher = publications.first {
            context.meter.cut(.silent)
            server.log.warning(
                "publisher is silent", every: &context.notices.silent, at: server.loop.now,
                [
                    "stream": publisher.publication.key.description,
                    "peer": connection.peerAddress?.description ?? "",
                ])
        } else {
            context.meter.cut(.idle)
        }
        connection.abort(.timeout(.owner))
    }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
        if OriginMetrics.ViewerCut(reason) == .slow { tooSlow() }
        if let waiting { server.loop.cancel(waiting.timer) }
        waiting = nil
        while let publisher = publications.last { endPublishing(publisher.stream, "\(reason)") }
        while let player = players.last { endPlaying(player.stream) }
        server.remove(self, on: connection, reason)
    }

    /// It has not taken what there was.
    private func tooSlow() {
        context.meter.cut(.slow)
        for player in players {
            context.meter.viewers.cut(.slow)
            server.log.warning(
                "viewer is too slow, closed", every: &context.notices.slow, at: server.loop.now,
                ["stream": player.key.description, "peer": socket.peerAddress?.description ?? ""])
        }
    }
}
