import Bytes
import Reactor
import Redis
import Synchronization

/// What others are told of origins that are fixed here.
///
/// Those say nothing of themselves, so this proxy beats for them at a steady pace: to others they are origins like any,
/// which end when nobody who has them fixed tells of them any more. Whoever has taken one out elsewhere has it back
/// with the next beat.
extension SharedSync {
    /// Tells of all of them, in parts. What nobody could be told of meanwhile, `restore` tells.
    func vouch() {
        guard client.isUp else { return }
        nextVouching = loop.now + registry.limits.vouching
        untold += registry.ledger.withLock { Array($0.fixed.keys) }
        takePart()
    }

    /// False where that origin is not fixed here.
    func vouch(for id: OriginID) -> Bool {
        guard let heartbeat = registry.ledger.withLock({ $0.fixed[id] }) else { return false }
        // It has its whole share everywhere, as it has here: longer than any slow start.
        let past = OriginPast(interval: registry.limits.vouching, presence: .seconds(86_400))
        tell(heartbeat, past, isNews: false)
        return true
    }
}
