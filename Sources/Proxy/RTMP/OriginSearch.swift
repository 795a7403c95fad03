import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Registry
import Telemetry

/// Whoever searches. Of the two it hears one, once, and not after `abandon`.
protocol OriginSearchOwner: OriginLegOwner, ClaimOwner {
    /// Of what the client sends now.
    var chunkSize: Int { get }

    func found(_ found: OriginSearch.Found, _ status: Status?, by search: OriginSearch)
    func refused(_ status: Status, by search: OriginSearch)
}

/// The search for an origin that takes one request: one after the other is asked, and the client knows nothing of it.
///
///     asking ──accepted──► claiming (a publisher) ──granted──► found
///       ▲ │ failed            │ another has the stream
///       └─┴───────────────────┘          none left, or too late ──► refused
///
/// That somebody publishes the stream already ends the search. Any other refusal may be the origin's alone, which is
/// full for example: the next one is asked, and the client is told the last reason that an origin has given.
final class OriginSearch {
    /// Whose request it is.
    enum Aim {
        /// A client's that has just asked: it is counted and told how it ends.
        case request
        /// That of a player whose origin has gone, and who waits.
        case again
        /// That of a player who waits at an origin that has not got the stream: nobody but the stream's owner will do.
        case owner
    }

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

    let aim: Aim
    private let request: Request
    private let context: RelayContext
    private let server: RTMPServer
    private unowned let owner: any OriginSearchOwner
    private let began: Instant
    /// When the origin that is being tried was asked.
    private var asked: Instant
    private var tried: [OriginID] = []
    private var leg: OriginLeg?
    /// The origin that has the stream, where it could not be reached.
    private var absent: OriginID?
    /// What the client is told: the last of those that say most.
    private var reason: OriginFailure?
    private var accepted: (stream: MessageStreamID, status: Status?)?
    private var claim: HeldClaim?
    private var deadline: TimerID?

    init(
        _ request: Request, _ aim: Aim = .request, for owner: any OriginSearchOwner, _ context: RelayContext,
        on server: RTMPServer
    ) {
        self.request = request
        self.aim = aim
        self.owner = owner
        self.context = context
        self.server = server
        began = server.loop.now
        asked = began
    }

    private var log: Logger { server.log }
    private var now: Instant { server.loop.now }

    /// Asks the first origin; not to be called from within a call of the owner that is not over.
    func begin() {
        deadline = server.loop.arm(after: context.limits.searchTimeout, self)
        tryNext()
    }

    /// Asks the next origin, or gives up.
    private func tryNext() {
        guard tried.count < context.limits.maximumTries, let routed = next() else { return giveUp() }
        if !tried.isEmpty { context.meter.retried(request.purpose) }
        tried.append(routed.origin.id)
        context.routing.records.attempted(routed.origin.id, .rtmp)
        asked = now
        let leg = OriginLeg(routed, of: owner, server, context.limits)
        self.leg = leg
        leg.connect(request.connect, request.asked, chunkSize: owner.chunkSize, resolver: context.resolver)
    }

    private func next() -> RoutedOrigin? {
        let routed = context.routing.next(
            for: request.key, .rtmp, to: request.purpose == .publish ? .publish : .view, tried: tried, at: now)
        if aim == .owner, routed?.isOwner != true { return nil }
        return routed
    }

    /// Nobody wants to know any more.
    func abandon() {
        stopDeadline()
        if aim == .request { context.meter.ended(request.purpose, .abandoned) }
        claim?.release()
        leg?.end()
        leg = nil
    }

    private func stopDeadline() {
        if let deadline { server.loop.cancel(deadline) }
        deadline = nil
    }
}

// MARK: - From the leg

extension OriginSearch {
    func accepted(_ leg: OriginLeg, on stream: MessageStreamID, _ status: Status?) {
        guard leg === self.leg else { return }
        context.routing.accepted(leg.routed.origin.id, .rtmp, at: now)
        context.routing.records.answered(leg.routed.origin.id, .rtmp, after: now - asked)
        accepted = (stream, status)
        guard request.purpose == .publish else { return succeed() }
        let origin = leg.routed.origin
        claim = context.claims.take(request.key, for: origin.id, origin.instance, absent: absent, owner: owner)
    }

    func failed(_ leg: OriginLeg, _ failure: OriginFailure) {
        guard leg === self.leg else { return }
        note(failure, of: leg)
        if failure.isFinal(for: request.purpose) { giveUp() } else { tryNext() }
    }

    private func note(_ failure: OriginFailure, of leg: OriginLeg) {
        context.meter.failed(failure.metric)
        let origin = leg.routed.origin.id
        context.routing.records.failed(origin, .rtmp)
        if failure.concernsOrigin, leg.routed.isOwner { absent = origin }
        let isNews = failure.concernsOrigin && context.routing.failed(origin, .rtmp, failure.fault, at: now)
        let line = log.with([
            "origin": origin.text, "stream": request.key.description,
            "reason": failure.concernsOrigin ? failure.fault.rawValue : "\(failure)",
        ])
        if isNews { line.warning("origin is out") } else { line.debug("origin did not take a session") }
        if failure.leadsBack { context.passage.leadsBack(leg.routed.origin, request.key) }
        if failure.saysFull || failure.leadsBack || failure.metric == .closed && !leg.hasHeard {
            context.routing.rejected(origin, .rtmp, at: now)
        } else if failure.showsLife {
            context.routing.reached(origin, .rtmp, at: now)
        }
        if failure.worth >= reason?.worth ?? 0 { reason = failure }
        self.leg = nil
    }

    /// It had accepted, and ended before the client was told.
    func closed(_ leg: OriginLeg, _ reason: TCPCloseReason) {
        guard leg === self.leg else { return }
        claim?.release()
        claim = nil
        accepted = nil
        failed(leg, .closed(reason))
    }
}

// MARK: - From the registry

extension OriginSearch {
    func claimGranted() { succeed() }

    func claimDelayed() { succeedUnclaimed("the registry cannot be asked") }

    func claimRefused(_ error: ClaimError) {
        guard let leg else { return }
        claim = nil
        switch error {
        case .held(let holder) where holder.origin == absent:
            // Every other one would be told the same, until nobody renews that claim any more.
            leg.end()
            self.leg = nil
            giveUp("The origin that has the stream cannot be reached.")
        case .held, .unknownOrigin, .unavailable:
            leg.end()
            accepted = nil
            failed(leg, .overtaken)
        case .full(let maximum): succeedUnclaimed("there are \(maximum) claims already")
        }
    }

    /// The origin has the publisher. Without the claim other proxies look for it elsewhere, which is worse for viewers
    /// than for the publisher.
    private func succeedUnclaimed(_ reason: String) {
        log.warning(
            "stream is not claimed", every: &context.notices.unclaimed, at: now,
            ["stream": request.key.description, "reason": reason])
        succeed()
    }
}

// MARK: - Ends

extension OriginSearch: TimerTarget {
    func timerFired(_ token: UInt32) {
        deadline = nil
        claim?.release()
        claim = nil
        if let leg {
            leg.end()
            note(.tooLate, of: leg)
        }
        giveUp()
    }

    private func succeed() {
        guard let leg, let accepted else { return }
        stopDeadline()
        if aim == .request {
            context.meter.ended(request.purpose, .relayed)
            context.meter.latency(request.purpose).observe(from: began, to: now)
        }
        log.debug(
            "relaying",
            [
                "stream": request.key.description, "origin": leg.routed.origin.id.text,
                "purpose": request.purpose.rawValue, "tries": tried.count,
            ])
        self.leg = nil
        owner.found(
            Found(request: request, leg: leg, originStream: accepted.stream, claim: claim), accepted.status, by: self)
    }

    private func giveUp(_ explanation: AMFString? = nil) {
        stopDeadline()
        if case .refused(_, let status)? = reason {
            if aim == .request { context.meter.ended(request.purpose, .refused) }
            return owner.refused(status.about(request.purpose), by: self)
        }
        if aim == .request {
            let hasHungUp = reason?.metric == .closed
            context.meter.ended(request.purpose, hasHungUp ? .refused : .unreachable)
            log.warning(
                "no origin for a session", every: &context.notices.noOrigin, at: now,
                [
                    "stream": request.key.description, "purpose": request.purpose.rawValue, "tried": tried.count,
                    "reason": reason?.metric.rawValue ?? "none",
                ])
        }
        let told = explanation ?? reason?.explanation ?? "No origin is there for it."
        owner.refused(Status(request.purpose.notFound, told), by: self)
    }
}

extension OriginFailure {
    /// Whether other origins would say the same: somebody publishes the stream.
    fileprivate func isFinal(for purpose: RelayPurpose) -> Bool {
        guard purpose == .publish, case .refused(.request, let status) = self else { return false }
        return status.code == .publishBadName
    }

    /// How much it tells a client: an answer most, then that there was an origin.
    fileprivate var worth: Int {
        switch self {
        case .refused: 2
        case .closed: 1
        case .unreachable, .timeout, .malformed, .overtaken, .tooLate: 0
        }
    }

    /// For people.
    fileprivate var explanation: AMFString {
        switch self {
        case .unreachable: "No origin could be reached for it."
        case .timeout, .tooLate: "The origin has not answered in time."
        case .closed: "The origin has hung up without a reason: it may not allow it."
        case .refused: "The origin has refused it."
        case .malformed: "The origin does not speak RTMP."
        case .overtaken: "Another origin has got the stream meanwhile."
        }
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
