package import Bytes
package import Media
package import Reactor
import Redis
import Synchronization

extension SharedRegistry {
    package var lease: Duration { local.lease }

    package func owner(of key: StreamKey, at now: Instant) -> StreamOwner? { local.owner(of: key, at: now) }

    package func originOfOwner(of key: StreamKey, at now: Instant) -> Origin? {
        local.originOfOwner(of: key, at: now)
    }

    package func claim(
        _ request: ClaimRequest, on loop: EventLoop, then: @escaping (Result<StreamClaim, ClaimError>) -> Void
    ) {
        ClaimAttempt.begin(request, of: self, on: loop) { result in
            self.ledger.withLock { ledger in
                switch result {
                case .success: ledger.counts.granted += 1
                case .failure(.unavailable): ledger.counts.unavailable += 1
                case .failure: ledger.counts.refused += 1
                }
            }
            then(result)
        }
    }

    // MARK: - What attempts ask for

    /// Whether the start of the origin that a request names is there.
    func isKnown(_ origin: OriginID, _ instance: OriginInstance) -> Bool {
        local.origins[origin]?.instance == instance
    }

    /// Of the origin that could not be reached, if there was one.
    func leaseOfAbsent(_ request: ClaimRequest) -> Duration {
        ClaimRequest.leaseOfAbsent(lease, request.absent.flatMap { local.origins[$0]?.liveness })
    }

    /// Redis has granted it.
    func granted(_ claim: StreamClaim, at now: Instant) {
        keep(claim, at: now, isTold: true)
        local.adopt(claim, granted: now)
    }

    /// What an epoch of this moment is, by the server's clock as far as it is known.
    func epoch(at now: Instant) -> UInt64 { ledger.withLock(\.epochBase) + now.nanoseconds / 1_000 }

    /// Whether that was told by the server.
    var knowsTime: Bool { ledger.withLock(\.knowsTime) }

    /// Grants it from what is known: Redis is away. `uncertainty` is an epoch that Redis may have given it.
    func grantAlone(
        _ request: ClaimRequest, at now: Instant, after uncertainty: UInt64
    ) -> Result<StreamClaim, ClaimError> {
        let known = ledger.withLock(\.lastRead)
        let result = local.claim(request, at: now, after: max(epoch(at: now), uncertainty), known: known)
        if case .success(let claim) = result {
            ledger.withLock { $0.counts.alone += 1 }
            keep(claim, at: now, isTold: false)
        }
        return result
    }

    private func keep(_ claim: StreamClaim, at now: Instant, isTold: Bool) {
        ledger.withLock { $0.own[claim.key] = Own(claim: claim, renewed: now, isTold: isTold) }
    }

    /// Somebody else has it.
    func learnt(_ claim: StreamClaim, at now: Instant) {
        ledger.withLock { ledger in
            if let own = ledger.own[claim.key], own.claim.epoch < claim.epoch { ledger.own[claim.key] = nil }
        }
        if local.claim(of: claim.key, at: now).map({ $0.epoch < claim.epoch }) ?? true {
            local.adopt(claim, granted: now)
        }
    }

    // MARK: - Renewing and releasing

    package func renewalGroup(of key: StreamKey) -> Int { SharedTable.part(of: key) }

    package func renew(
        _ claims: [StreamClaim], on loop: EventLoop,
        then: @escaping (Result<[LostClaim], StoreUnavailable>) -> Void
    ) {
        // What its origin has lost is lost, whatever Redis says.
        let lost = claims.filter { !isKnown($0.origin, $0.instance) }.map { LostClaim(claim: $0, holder: nil) }
        let kept = claims.filter { isKnown($0.origin, $0.instance) }
        link(of: loop).release(takeOwn(lost.map(\.claim))) { self.owe($0) }
        guard !kept.isEmpty else {
            gone(lost, at: loop.now)
            return loop.afterRound { then(.success(lost)) }
        }
        ledger.withLock { ledger in
            for claim in kept where ledger.own[claim.key]?.claim == claim { ledger.own[claim.key]?.renewed = loop.now }
        }
        Renewal(of: kept, lost: lost, in: self, on: loop, then: then).begin()
    }

    /// Claims that are not this process's any more.
    func gone(_ lost: [LostClaim], at now: Instant) {
        for lost in lost {
            ledger.withLock { ledger in
                if ledger.own[lost.claim.key]?.claim == lost.claim { ledger.own[lost.claim.key] = nil }
            }
            if let holder = lost.holder {
                learnt(holder, at: now)
            } else if local.claim(of: lost.claim.key, at: now) == lost.claim {
                local.forget(lost.claim.key)
            }
        }
    }

    package func release(_ claim: StreamClaim, on loop: EventLoop) {
        let wasTold = ledger.withLock { ledger in
            ledger.counts.released += 1
            guard let own = ledger.own[claim.key], own.claim == claim else { return false }
            ledger.own[claim.key] = nil
            return own.isTold
        }
        local.release(claim, at: loop.now)
        link(of: loop).release([claim]) { claims in
            self.owe(claims)
            if wasTold { self.believe(claims) }
        }
    }

    /// Others do not hear that these were given back.
    private func believe(_ claims: [StreamClaim]) {
        ledger.withLock { ledger in
            for claim in claims where ledger.believed.count < limits.maximumOwed {
                ledger.believed[claim.key] = claim.origin
            }
        }
    }

    /// Of some claims those that were granted through this process; they are its own no more.
    func takeOwn(_ claims: [StreamClaim]) -> [StreamClaim] {
        ledger.withLock { ledger in
            claims.filter { claim in
                guard ledger.own[claim.key]?.claim == claim else { return false }
                ledger.own[claim.key] = nil
                return true
            }
        }
    }

    /// Redis could not be told that these were given back.
    func owe(_ claims: [StreamClaim]) {
        ledger.withLock { ledger in
            let room = limits.maximumOwed - ledger.owed.count
            ledger.owed += claims.prefix(max(room, 0))
        }
    }
}

extension SharedLink {
    /// Gives claims back; `failed` hears of those of which Redis was not told.
    func release(_ claims: [StreamClaim], failed: @escaping ([StreamClaim]) -> Void) {
        run(SharedScripts.release, on: claims, in: \.sharedTable) {
            [RedisWord($0.key.description), RedisWord($0.epoch)]
        } then: { part, result in
            if case .failure = result { failed(part) }
        }
    }

    /// Begins leases anew; `then` hears of each part which of it are lost, or that nothing is known of it.
    func renew(
        _ claims: [StreamClaim], lease: Duration,
        then: @escaping ([StreamClaim], Result<[LostClaim], RedisFailure>) -> Void
    ) {
        let first = [RedisWord(lease.nanoseconds / 1_000_000)]
        run(SharedScripts.renew, on: claims, in: \.sharedTable, first: first) {
            [RedisWord($0.key.description), RedisWord($0.epoch), RedisWord($0.sharedOwner)]
        } then: { part, result in
            then(part, result.map { LostClaim.read($0, of: part) })
        }
    }
}

extension LostClaim {
    /// The answer of `SharedScripts.renew`: the number of each that is lost, and who has it.
    fileprivate static func read(_ reply: RedisReply, of claims: [StreamClaim]) -> [LostClaim] {
        guard let list = reply.list else { return [] }
        return stride(from: 0, to: list.count - 1, by: 2).compactMap { index in
            guard let number = list[index].number, number < claims.count else { return nil }
            let claim = claims[Int(number)]
            return LostClaim(
                claim: claim, holder: list[index + 1].text.flatMap { StreamClaim(claim.key, shared: $0) })
        }
    }
}

/// The renewal of some claims of one loop, in as many parts as they lie in tables.
private final class Renewal {
    private let registry: SharedRegistry
    private let loop: EventLoop
    private let claims: [StreamClaim]
    private let then: (Result<[LostClaim], StoreUnavailable>) -> Void
    private var lost: [LostClaim]
    private var left: Int
    private var wasAnswered = false

    init(
        of claims: [StreamClaim], lost: [LostClaim], in registry: SharedRegistry, on loop: EventLoop,
        then: @escaping (Result<[LostClaim], StoreUnavailable>) -> Void
    ) {
        self.claims = claims
        self.lost = lost
        self.registry = registry
        self.loop = loop
        self.then = then
        left = claims.count
    }

    func begin() {
        registry.link(of: loop).renew(claims, lease: registry.lease, then: answered)
    }

    private func answered(_ part: [StreamClaim], _ result: Result<[LostClaim], RedisFailure>) {
        switch result {
        case .success(let lost):
            wasAnswered = true
            self.lost += lost
        // Those that were granted here have a lease here.
        case .failure: lost += registry.local.renew(part, at: loop.now)
        }
        left -= part.count
        guard left == 0 else { return }
        registry.gone(lost, at: loop.now)
        then(wasAnswered || !lost.isEmpty ? .success(lost) : .failure(StoreUnavailable()))
    }
}
