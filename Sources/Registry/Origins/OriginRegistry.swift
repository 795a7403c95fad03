package import Bytes
import Synchronization

/// The origins as all loops of one process see them, in memory.
///
/// A lock is held for a look-up in a table; it is taken by heartbeats and when a session begins, never for a packet.
package final class OriginRegistry: Sendable {
    private let table: Mutex<OriginTable>

    package init(limits: OriginTable.Limits = OriginTable.Limits()) { table = Mutex(OriginTable(limits: limits)) }

    package var all: [Origin] { table.withLock(\.all) }

    package var count: Int { table.withLock(\.count) }

    package func count(_ liveness: Origin.Liveness) -> Int { table.withLock { $0.count(liveness) } }

    package func fix(_ heartbeat: Heartbeat, at now: Instant) { table.withLock { $0.fix(heartbeat, at: now) } }

    package func beat(_ heartbeat: Heartbeat, at now: Instant) throws(HeartbeatRefusal) -> OriginTable.BeatOutcome {
        try table.withLock { (table) throws(HeartbeatRefusal) in try table.beat(heartbeat, at: now) }
    }

    package func watch(at now: Instant) -> [OriginTable.SilenceOutcome] { table.withLock { $0.watch(at: now) } }
}
