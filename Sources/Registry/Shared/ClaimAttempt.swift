import Bytes
import Media
import Reactor
import Redis

/// Asks Redis for one claim, again while it cannot be reached, and grants it alone where that goes on.
final class ClaimAttempt {
    private static let pause = Duration.milliseconds(100)

    private let request: ClaimRequest
    private let registry: SharedRegistry
    private let loop: EventLoop
    private let began: Instant
    /// Of the first question that may have been granted: no lease of it began before.
    private var asked: Instant
    private let then: (Result<StreamClaim, ClaimError>) -> Void
    /// An epoch whose origin was restarted since.
    private var dead: UInt64?
    /// Until when Redis may grant what it is being asked for, by its own clock in microseconds; nil where that is
    /// unknown.
    private var validity: UInt64?
    /// One was asked for and not answered: it may be granted, or have been.
    private var isUncertain = false
    /// Until when, by the server's clock.
    private var uncertainty: UInt64 = 0

    private init(
        _ request: ClaimRequest, of registry: SharedRegistry, on loop: EventLoop,
        then: @escaping (Result<StreamClaim, ClaimError>) -> Void
    ) {
        self.request = request
        self.registry = registry
        self.loop = loop
        self.then = then
        began = loop.now
        asked = began
    }

    /// `then` is called once, on the loop, and never inside this call.
    static func begin(
        _ request: ClaimRequest, of registry: SharedRegistry, on loop: EventLoop,
        then: @escaping (Result<StreamClaim, ClaimError>) -> Void
    ) {
        guard registry.isKnown(request.origin, request.instance) else {
            return loop.afterRound { then(.failure(.unknownOrigin)) }
        }
        ClaimAttempt(request, of: registry, on: loop, then: then).ask()
    }

    private func ask() {
        if !isUncertain { asked = loop.now }
        validity = registry.knowsTime ? registry.epoch(at: loop.now + registry.limits.validity) : nil
        let owner = StreamClaim.sharedOwner(request.origin, request.instance)
        let words = [
            RedisWord(request.key.description), RedisWord(owner),
            RedisWord(registry.lease.nanoseconds / 1_000_000),
            RedisWord(request.purpose == .publish ? "publish" : "resume"), RedisWord(dead.map { "\($0)" } ?? ""),
            RedisWord(validity.map { "\($0)" } ?? ""), RedisWord(request.absent?.text ?? ""),
            RedisWord(registry.leaseOfAbsent(request).nanoseconds / 1_000_000),
        ]
        registry.link(of: loop).run(
            SharedScripts.claim, on: SharedTable(claimOf: request.key), words, then: answered)
    }

    private func answered(_ result: Result<RedisReply, RedisFailure>) {
        if case .failure(.unanswered) = result {
            isUncertain = true
            uncertainty = validity ?? uncertainty
        }
        guard case .success(let reply) = result, let list = reply.list, list.count == 2, let isGranted = list[0].number
        else { return waitOrGrant() }
        if isGranted == 1, let epoch = list[1].number {
            grant(
                StreamClaim(key: request.key, origin: request.origin, instance: request.instance, epoch: epoch))
        } else if let holder = list[1].text.flatMap({ StreamClaim(request.key, shared: $0) }) {
            held(holder)
        } else {
            waitOrGrant()
        }
    }

    private func grant(_ claim: StreamClaim) {
        registry.granted(claim, at: asked)
        then(.success(claim))
    }

    /// Somebody has it, unless that start of its origin is no more and nobody has said so yet.
    private func held(_ holder: StreamClaim) {
        if isUncertain, holder.hasSameOwner(as: request) { return grant(holder) }
        if dead != nil || registry.isKnown(holder.origin, holder.instance) { return refuse(holder) }
        registry.link(of: loop).value(of: holder.origin.text, in: .origins) { result in
            guard case .success(let reply) = result, let text = reply.text, let origin = SharedOrigin(text),
                origin.instance != holder.instance
            else { return self.refuse(holder) }
            self.dead = holder.epoch
            self.ask()
        }
    }

    private func refuse(_ holder: StreamClaim) {
        registry.learnt(holder, at: loop.now)
        then(.failure(.held(holder)))
    }

    // MARK: - Without an answer

    private func waitOrGrant() {
        let waited = loop.now - began
        if registry.isDetached, waited >= registry.limits.patience {
            return then(registry.grantAlone(request, at: loop.now, after: uncertainty))
        }
        if waited >= registry.limits.longestPatience { return then(.failure(.unavailable)) }
        _ = loop.arm(after: Self.pause, self)
    }
}

extension ClaimAttempt: TimerTarget {
    func timerFired(_ token: UInt32) { ask() }
}
