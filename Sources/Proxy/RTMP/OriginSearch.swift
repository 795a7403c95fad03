import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Registry
import Telemetry

/// The search for an origin that takes one request: one after the other is asked, and the client knows nothing of it.
///
///     asking ──accepted──► claiming (a publisher) ──granted──► found
///       ▲ │ failed            │ another has the stream
///       └─┴───────────────────┘          none left ──► refused
///
/// An origin's answer that is about the stream ends the search: that somebody else publishes it, that the key is wrong.
final class OriginSearch {
    /// What a client has asked for.
    struct Request {
        let stream: MessageStreamID
        let key: StreamKey
        let connect: ConnectRequest
        let asked: ClientSession.Purpose
        let purpose: RelayPurpose

        init(_ asked: ClientSession.Purpose, of key: StreamKey, on stream: MessageStreamID, _ connect: ConnectRequest) {
            self.stream = stream
            self.key = key
            self.connect = connect
            self.asked = asked
            purpose =
                switch asked {
                case .publish: .publish
                case .play: .play
                }
        }
    }

    struct Found {
        let request: Request
        let leg: OriginLeg
        let originStream: MessageStreamID
        let claim: HeldClaim?
    }

    private let request: Request
    private unowned let client: RelayConnection
    private let began: Instant
    /// When the origin that is being tried was asked.
    private var asked: Instant
    private var tried: [OriginID] = []
    private var leg: OriginLeg?
    private var lastFailure: OriginFailure?
    private var accepted: (stream: MessageStreamID, status: Status?)?
    private var claim: HeldClaim?

    init(_ request: Request, for client: RelayConnection) {
        self.request = request
        self.client = client
        began = client.server.loop.now
        asked = began
    }

    private var context: RelayContext { client.context }
    private var log: Logger { client.server.log }
    private var now: Instant { client.server.loop.now }

    /// Asks the next origin, or gives up.
    func tryNext() {
        guard tried.count < RelayContext.maximumTries,
            let routed = context.routing.next(for: request.key, .rtmp, tried: tried, at: now)
        else { return giveUp() }
        tried.append(routed.origin.id)
        context.routing.records.attempted(routed.origin.id, .rtmp)
        asked = now
        let leg = OriginLeg(routed, of: client, client.server)
        self.leg = leg
        leg.connect(request.connect, request.asked, resolver: context.resolver)
    }

    /// The client has gone.
    func abandon() {
        context.meter.ended(request.purpose, .abandoned)
        claim?.release()
        leg?.end()
    }

    // MARK: - From the leg

    func accepted(_ leg: OriginLeg, on stream: MessageStreamID, _ status: Status?) {
        context.routing.reached(leg.routed.origin.id, .rtmp)
        context.routing.records.answered(leg.routed.origin.id, .rtmp, after: now - asked)
        accepted = (stream, status)
        guard request.purpose == .publish else { return succeed() }
        let origin = leg.routed.origin
        claim = context.claims.take(request.key, for: origin.id, origin.instance, owner: client)
    }

    func failed(_ leg: OriginLeg, _ failure: OriginFailure) {
        context.meter.failed(failure.metric)
        let origin = leg.routed.origin.id
        context.routing.records.failed(origin, .rtmp)
        let isNews = failure.concernsOrigin && context.routing.failed(origin, .rtmp, at: now)
        let line = log.with(["origin": origin.text, "stream": request.key.description, "reason": "\(failure)"])
        if isNews { line.warning("origin is out") } else { line.debug("origin did not take a session") }
        if !failure.concernsOrigin { context.routing.reached(origin, .rtmp) }
        lastFailure = failure
        self.leg = nil
        if failure.isFinal(for: request.purpose) { giveUp() } else { tryNext() }
    }

    /// It had accepted, and ended before the client was told.
    func closed(_ leg: OriginLeg, _ reason: TCPCloseReason) {
        claim?.release()
        claim = nil
        accepted = nil
        failed(leg, .closed(reason))
    }

    // MARK: - From the registry

    func claimGranted() { succeed() }

    func claimRefused(_ error: ClaimError) {
        guard let leg else { return }
        switch error {
        case .held, .unknownOrigin:
            leg.end()
            claim = nil
            accepted = nil
            failed(leg, .overtaken)
        case .full, .unavailable:
            // The origin has the publisher. Without the claim other proxies look for it elsewhere, which is worse for viewers
            // than for the publisher.
            log.warning("stream is not claimed", ["stream": request.key.description, "reason": "\(error)"])
            claim = nil
            succeed()
        }
    }

    // MARK: - Ends

    private func succeed() {
        guard let leg, let accepted else { return }
        context.meter.ended(request.purpose, .relayed)
        context.meter.latency(request.purpose).observe(from: began, to: now)
        log.debug(
            "relaying",
            [
                "stream": request.key.description, "origin": leg.routed.origin.id.text,
                "purpose": request.purpose.rawValue, "tries": tried.count,
            ])
        client.found(
            Found(request: request, leg: leg, originStream: accepted.stream, claim: claim), accepted.status)
    }

    private func giveUp() {
        guard case .refused(_, let status)? = lastFailure else {
            context.meter.ended(request.purpose, .unreachable)
            let why = tried.isEmpty ? "No origin is there for it." : "No origin could be reached for it."
            log.warning(
                "no origin for a session",
                ["stream": request.key.description, "purpose": request.purpose.rawValue, "tried": tried.count])
            return client.refused(Status(request.purpose.notFound, AMFString(why)))
        }
        context.meter.ended(request.purpose, .refused)
        client.refused(status.about(request.purpose))
    }
}

extension OriginFailure {
    /// Whether other origins would say the same.
    fileprivate func isFinal(for purpose: RelayPurpose) -> Bool {
        guard purpose == .publish, case .refused(.request, _) = self else { return false }
        return true
    }
}

extension RelayPurpose {
    fileprivate var notFound: StatusCode {
        switch self {
        case .publish: .publishDenied
        case .play: .playStreamNotFound
        }
    }
}

extension Status {
    /// A refusal of `connect` by the origin is one of publish or play to the client, whose own connect was accepted.
    fileprivate func about(_ purpose: RelayPurpose) -> Status {
        switch code {
        case .connectRejected, .connectFailed, .connectInvalidApp, .connectAppShutdown, .callFailed, nil:
            Status(purpose == .publish ? .publishDenied : .playFailed, description ?? "The origin has refused it.")
        default: self
        }
    }
}
