import Bytes
import RTMP
import RTMPTransport
import Reactor
import Registry

/// Why an origin cannot have a session.
enum OriginFailure: Error {
    case unreachable(TCPConnectError)
    case timeout
    case closed(TCPCloseReason)
    case refused(ClientSession.Refused, Status)
    case malformed(SessionError)
    case overtaken
    /// The time for the whole search was up while this one was asked: it has not had its own.
    case tooLate

    var metric: RelayFailure {
        switch self {
        case .unreachable: .unreachable
        case .timeout, .tooLate: .timeout
        case .closed: .closed
        case .refused: .refused
        case .malformed: .malformed
        case .overtaken: .overtaken
        }
    }

    /// As operators see it.
    var fault: ServiceFault {
        switch self {
        case .unreachable(let error): ServiceFault(error)
        case .timeout, .tooLate: .silent
        case .malformed, .refused, .overtaken: .malformed
        case .closed: .closed
        }
    }

    /// Whether it says something of the origin, and not of this session alone.
    var concernsOrigin: Bool {
        switch self {
        case .unreachable(let error): !error.isReset
        case .timeout, .malformed: true
        case .closed, .refused, .overtaken, .tooLate: false
        }
    }

    /// Whether the origin has as many as it may have: it says so, or breaks off what it has just taken. What it says of
    /// a password that is still to come looks the same, but for the description.
    var saysFull: Bool {
        switch self {
        case .unreachable(let error): return error.isReset
        case .refused(.connect, let status):
            let description = status.description?.repaired ?? ""
            return status.code == .connectRejected
                && !["authmod", "AccessManager"].contains { description.contains($0) }
        case .timeout, .closed, .refused, .malformed, .overtaken, .tooLate: return false
        }
    }

    /// Whether the session has come to a proxy that it went through, at once or behind this one.
    var leadsBack: Bool {
        guard case .refused(_, let status) = self, let text = status.description?.string else { return false }
        return PassageFault.allCases.contains { $0.text == text }
    }

    /// Whether it says that the origin is there.
    var showsLife: Bool {
        switch self {
        case .closed, .refused, .overtaken: true
        case .unreachable, .timeout, .malformed, .tooLate: false
        }
    }
}

/// The owner of a leg hears of it on the loop, never from inside its own call. Of the first two it hears one, once.
protocol OriginLegOwner: AnyObject {
    func legAccepted(_ leg: OriginLeg, on stream: MessageStreamID, _ status: Status?)
    func legFailed(_ leg: OriginLeg, _ failure: OriginFailure)
    /// Takes bytes behind the answer, and returns how many it has consumed.
    func legReceived(_ bytes: RawSpan, from leg: OriginLeg) -> Int
    func legDrained(_ leg: OriginLeg)
    func legClosed(_ leg: OriginLeg, _ reason: TCPCloseReason)
}

/// The connection to an origin for one session: asks it to publish or play, then carries the relay.
///
///     connecting ──► asking ──answer──► settling ──► accepted ──► relaying ──► closed
///         └────────────┴───────────────────┴── failed
///
/// nginx-rtmp says that it has begun before it asks its own rules, and just hangs up where these forbid it: an answer
/// counts when the origin has stayed for `RelayLimits.settlingTime` behind it.
final class OriginLeg {
    private enum State {
        case connecting
        case asking
        /// Answered; whether it stays is to be seen.
        case settling(MessageStreamID, Status?)
        /// It has stayed; the owner decides whether it is used.
        case accepted
        case relaying
        case over
    }

    let routed: RoutedOrigin
    private let server: RTMPServer
    private let limits: RelayLimits
    private unowned let owner: any OriginLegOwner
    private var state = State.connecting
    private var connector: TCPConnector?
    private(set) var socket: TCPConnection?
    private var session: ClientSession?
    private var input = RTMPInput()
    /// What has come behind the answer.
    private var bytesBehind = 0
    /// Whether anything has come at all: SRS and nginx hang up at once where they have too many connections.
    private(set) var hasHeard = false

    /// Nobody who sends so much is about to hang up.
    private static let settledBytes = 4 * 1024

    init(_ routed: RoutedOrigin, of owner: any OriginLegOwner, _ server: RTMPServer, _ limits: RelayLimits) {
        self.routed = routed
        self.limits = limits
        self.owner = owner
        self.server = server
    }

    /// `chunkSize` is what the client sends with: announced at the start, nothing has to be lowered when media flows,
    /// which nginx-rtmp takes for garbage where both come in one read. Sizes below 128, in which nobody would ask, are
    /// the relay's to set.
    func connect(
        _ request: ConnectRequest, _ purpose: ClientSession.Purpose, chunkSize: Int, resolver: Resolver
    ) {
        let settings = ClientSettings(
            encoding: request.objectEncoding == .amf3 ? .amf3 : .amf0,
            chunkSize: min(max(chunkSize, ClientSettings.chunkSizes.lowerBound), ClientSettings.chunkSizes.upperBound))
        session = ClientSession(connect: request, purpose, settings: settings, crypto: .system)
        connect(to: routed.addresses[...], until: server.loop.now + limits.originTimeout / 2, resolver)
    }

    /// Tries one address after the other, each for an equal part of what is left.
    private func connect(to addresses: ArraySlice<OriginAddress>, until deadline: Instant, _ resolver: Resolver) {
        guard let address = addresses.first else { return }
        var connecting = TCPConnector.Limits()
        connecting.timeout = max((deadline - server.loop.now) / addresses.count, .milliseconds(1))
        connector = TCPConnector.connect(
            to: .host(address.host.description, port: address.port), resolver: resolver, on: server.loop,
            options: RelayContext.originTCP, limits: connecting, handler: self
        ) { outcome in
            self.connector = nil
            guard case .connecting = self.state, case .failure(let error) = outcome else { return }
            guard addresses.count > 1 else { return self.fail(.unreachable(error)) }
            self.connect(to: addresses.dropFirst(), until: deadline, resolver)
        }
    }

    /// Gives the session to a relay. What came behind the answer comes with `goOn`.
    func handOver() -> MessageChannel? {
        guard case .accepted = state, let session = session.take() else { return nil }
        state = .relaying
        socket?.deadline = nil
        return session.handOver()
    }

    /// The relay stands: reading goes on.
    func goOn() {
        input.retake { owner.legReceived($0, from: self) }
        socket?.resumeReading()
    }

    /// The session is over, or does not want this origin: what is waiting is sent, and nothing is heard of it any more.
    func end() {
        state = .over
        connector?.cancel()
        socket?.close()
    }

    private func fail(_ failure: OriginFailure) {
        switch state {
        case .connecting, .asking, .settling:
            state = .over
            socket?.abort()
            owner.legFailed(self, failure)
        case .accepted, .relaying, .over: break
        }
    }
}

extension OriginLeg: TCPHandler {
    func connected(_ connection: TCPConnection) {
        guard case .connecting = state else { return connection.abort() }
        state = .asking
        socket = connection
        connection.deadline = server.loop.now + limits.originTimeout
        server.withOutput(to: connection) { session?.start(output: &$0) }
    }

    func received(_ bytes: RawSpan, on connection: TCPConnection) {
        var isKept = true
        hasHeard = true
        switch state {
        case .relaying: isKept = input.take(bytes) { owner.legReceived($0, from: self) }
        case .asking:
            var answer: ClientSession.Event?
            do throws(SessionError) {
                isKept = try input.take(bytes) { (bytes) throws(SessionError) in
                    try ask(bytes, on: connection, &answer)
                }
            } catch {
                return fail(.malformed(error))
            }
            if let answer { answered(answer, on: connection) }
        case .settling:
            isKept = input.append(bytes)
            bytesBehind += bytes.byteCount
            if bytesBehind >= Self.settledBytes { settle() }
        // It waits, with reading paused, for the owner.
        case .accepted: isKept = input.append(bytes)
        case .connecting, .over: break
        }
        if !isKept { connection.abort() }
    }

    /// Goes on with what has come, up to the origin's answer; returns what was consumed.
    private func ask(
        _ bytes: RawSpan, on connection: TCPConnection, _ answer: inout ClientSession.Event?
    ) throws(SessionError) -> Int {
        var consumed = 0
        try server.withOutput(to: connection) { (output: inout ByteWriter) throws(SessionError) in
            while answer == nil {
                let rest = bytes.extracting(consumed..<bytes.byteCount)
                guard let step = try session?.next(rest, output: &output) else { return }
                consumed += step.consumed
                switch step.event {
                case .needsInput: return
                case .accepted, .refused: answer = step.event
                case .answered, .connected, .mediaReceived, .statusReceived, .streamEventReceived, .commandReceived:
                    break
                }
            }
        }
        return consumed
    }

    private func answered(_ answer: ClientSession.Event, on connection: TCPConnection) {
        switch answer {
        case .accepted(let stream, let status):
            state = .settling(stream, status)
            connection.deadline = server.loop.now + limits.settlingTime
        case .refused(let what, let status): fail(.refused(what, status))
        case .needsInput, .answered, .connected, .mediaReceived, .statusReceived, .streamEventReceived,
            .commandReceived:
            break
        }
    }

    private func settle() {
        guard case .settling(let stream, let status) = state else { return }
        state = .accepted
        socket?.deadline = nil
        socket?.pauseReading()
        owner.legAccepted(self, on: stream, status)
    }

    func outputDrained(_ connection: TCPConnection) {
        // One that has ended still sends what was waiting, and its owner may be gone.
        if case .relaying = state { owner.legDrained(self) }
    }

    func deadlinePassed(_ connection: TCPConnection) {
        switch state {
        case .connecting, .asking: fail(.timeout)
        case .settling: settle()
        case .accepted, .relaying, .over: connection.abort(.timeout(.owner))
        }
    }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
        switch state {
        case .connecting, .asking, .settling: fail(.closed(reason))
        case .accepted, .relaying:
            state = .over
            owner.legClosed(self, reason)
        case .over: break
        }
    }
}
