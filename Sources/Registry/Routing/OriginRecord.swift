import Bytes
import Synchronization

/// What sessions of this proxy have seen of one service of an origin. Pure.
package struct OriginRecord: Sendable, Equatable {
    /// Sessions for which it was asked.
    package private(set) var attempts = 0
    /// Those of them for which it was given up, for whatever reason.
    package private(set) var failures = 0
    /// Sessions that are there now.
    package private(set) var open = 0
    /// How long it takes to say yes; each answer counts for an eighth, so that it follows the last few.
    package private(set) var answerTime: Duration?

    package init() {}

    mutating func attempted() { attempts += 1 }

    mutating func failed() { failures += 1 }

    mutating func answered(after time: Duration) {
        guard let known = answerTime else {
            answerTime = time
            return
        }
        answerTime = known + .nanoseconds((time - known).nanoseconds / 8)
    }

    mutating func opened() { open += 1 }

    mutating func ended() { open = max(open - 1, 0) }

    /// Another era of the origin: nothing counts any more but what is still there.
    mutating func restart() {
        let open = open
        self = OriginRecord()
        self.open = open
    }
}

/// The records of all origins, for all loops of the process.
///
/// A lock is held for an addition, a few times in a session. Of origins that are no more, records are kept while they
/// have sessions; each belongs to an origin that was registered or to a session, so these bound them.
package final class OriginRecords: Sendable {
    private struct Place: Hashable {
        let origin: OriginID
        let service: OriginService
    }

    /// A record, and the era of its origin that it is of.
    private struct Kept {
        private var era: UInt64
        private(set) var record = OriginRecord()

        init(era: UInt64) { self.era = era }

        /// As it is in that era.
        func record(in era: UInt64) -> OriginRecord {
            var record = record
            if self.era < era { record.restart() }
            return record
        }

        mutating func change(in era: UInt64, _ body: (inout OriginRecord) -> Void) {
            record = record(in: era)
            self.era = max(self.era, era)
            body(&record)
        }
    }

    private let store: any RegistryStore
    private let records = Mutex<[Place: Kept]>([:])

    package init(_ store: any RegistryStore) { self.store = store }

    package func attempted(_ origin: OriginID, _ service: OriginService) { change(origin, service) { $0.attempted() } }
    package func failed(_ origin: OriginID, _ service: OriginService) { change(origin, service) { $0.failed() } }
    package func answered(_ origin: OriginID, _ service: OriginService, after time: Duration) {
        change(origin, service) { $0.answered(after: time) }
    }
    package func opened(_ origin: OriginID, _ service: OriginService) { change(origin, service) { $0.opened() } }
    package func ended(_ origin: OriginID, _ service: OriginService) { change(origin, service) { $0.ended() } }

    private func change(_ origin: OriginID, _ service: OriginService, _ body: (inout OriginRecord) -> Void) {
        let era = store.origins.era(of: origin)
        let place = Place(origin: origin, service: service)
        records.withLock { $0[place, default: Kept(era: era)].change(in: era, body) }
    }

    /// The services that the origin was asked for, in their own order.
    package func all(of origin: OriginID) -> [(service: OriginService, record: OriginRecord)] {
        let era = store.origins.era(of: origin)
        return records.withLock { records in
            OriginService.allCases.compactMap { service in
                records[Place(origin: origin, service: service)].map { (service, $0.record(in: era)) }
            }
        }
    }

    /// Everything there is of `origins`, in their order.
    package func all(of origins: OriginSnapshot) -> [(origin: OriginID, service: OriginService, record: OriginRecord)] {
        let records = records.withLock { $0 }
        return origins.all.flatMap { origin in
            OriginService.allCases.compactMap { service in
                records[Place(origin: origin.id, service: service)].map { kept in
                    (origin.id, service, kept.record(in: origin.era))
                }
            }
        }
    }

    /// Lets go of origins that are no more.
    func prune(to origins: OriginSnapshot) {
        records.withLock { records in
            records = records.filter { $0.value.record.open > 0 || origins[$0.key.origin] != nil }
        }
    }
}
