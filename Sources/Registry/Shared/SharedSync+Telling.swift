import Bytes
import Media
import Reactor
import Redis
import Synchronization

/// What others are told.
extension SharedSync {
    /// After which without a beat an origin is no more.
    private var originLease: RedisWord { RedisWord(BeatRhythm.longestSilence.nanoseconds / 1_000_000) }

    func tell(_ heartbeat: Heartbeat, _ past: OriginPast, isNews: Bool) {
        let words = [
            RedisWord(heartbeat.server.text), RedisWord(heartbeat.instance.shared),
            RedisWord(heartbeat.state.rawValue), RedisWord(SharedOrigin.text(heartbeat, past)),
            originLease, isNews ? "1" : "0",
        ]
        link.run(SharedScripts.beat, on: .origins, words)
    }

    func tellDeregistered(_ origin: OriginID) {
        link.run(SharedScripts.remove, on: .origins, [RedisWord(origin.text)])
    }

    func tell(_ origin: OriginID, isDrained: Bool) {
        if isDrained {
            link.run(
                SharedScripts.set, on: .drained, [RedisWord(origin.text), "1", RedisWord(SharedTable.drained.keep)])
        } else {
            link.run(SharedScripts.remove, on: .drained, [RedisWord(origin.text)])
        }
    }

    func release(_ claims: [StreamClaim]) {
        link.release(claims) { self.registry.owe($0) }
    }

    /// Redis is back, and may have lost what it knew: it is told again what is this proxy's to tell. Claims are told before
    /// anybody looks; beats follow in parts, for a table that lacks them takes no origin out.
    func restore() {
        let (own, owed, beaten) = registry.ledger.withLock { ledger in
            defer { ledger.owed = [] }
            return (ledger.own.values.map(\.claim), ledger.owed, Array(ledger.beats.keys))
        }
        link.renew(own, lease: registry.lease) { part, result in
            guard case .success(let lost) = result else { return }
            // Those that are lost, their keepers find out; the others end no more by themselves.
            for claim in part where !lost.contains(where: { $0.claim == claim }) { self.restored(claim) }
        }
        release(owed)
        untold = beaten
    }

    /// Unless the origin has gone since.
    func tellAgain(_ id: OriginID) {
        guard let heartbeat = registry.ledger.withLock({ $0.beats[id] }), let origin = registry.local.origins[id] else {
            return
        }
        tell(heartbeat, origin.past, isNews: true)
    }

    private func restored(_ claim: StreamClaim) {
        guard registry.ledger.withLock({ $0.own[claim.key] })?.claim == claim else { return }
        registry.local.adopt(claim, granted: loop.now)
    }
}
