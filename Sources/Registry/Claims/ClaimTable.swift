package import Balancing
package import Bytes
package import Media

/// Which origin has which stream. Pure: times come in, claims come out.
///
///     vacant ──claim──► held ──renew──► held … ──lease runs out, release, origin gone──► vacant
///
/// Claims live in numbered places. What else there is holds the numbers: an index by key, the places of each origin,
/// and a bucket for every second in which a lease may end, so that no sweep looks at claims that are not due.
package struct ClaimTable: Sendable {
    package struct Limits: Sendable {
        /// Claims; a further stream is refused.
        package var maximumClaims = 250_000
        /// How long a claim lasts without being renewed.
        package var lease = Duration.seconds(30)

        package init() {}
    }

    private struct Entry {
        let claim: StreamClaim
        let granted: Instant
        /// Nil where others say when it ends.
        var ends: Instant?
        /// The bucket that it is in; a renewal leaves it there until that second comes.
        var bucket: UInt64?

        func isLive(at now: Instant) -> Bool { ends.map { $0 > now } ?? true }
    }

    package let limits: Limits
    package private(set) var counts = ClaimCounts()
    /// How many streams each origin has, by the hash of its name; one without any is not there.
    package private(set) var streams: [NameHash: Int] = [:]

    private var places: [Entry?] = []
    private var vacant: [Int] = []
    private var index: [StreamKey: Int] = [:]
    private var held: [OriginID: Set<Int>] = [:]
    private var due: [UInt64: Set<Int>] = [:]
    private var lastEpoch: UInt64 = 0

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Who has the stream, if anybody still does.
    package func claim(of key: StreamKey, at now: Instant) -> StreamClaim? {
        guard let place = index[key], let entry = places[place], entry.isLive(at: now) else { return nil }
        return entry.claim
    }

    /// Whose origin that is, without a copy of the claim.
    package func origin(of key: StreamKey, at now: Instant) -> OriginID? {
        guard let place = index[key] else { return nil }
        if let ends = places[place]?.ends, ends <= now { return nil }
        return places[place]?.claim.origin
    }

    // MARK: - What holders ask for

    /// `epoch` is one that others have reached, `absence` how the absent origin is. What others have granted has been
    /// renewed until `known`, as far as is known.
    package mutating func claim(
        _ request: ClaimRequest, at now: Instant, after epoch: UInt64 = 0, absence: Origin.Liveness? = nil,
        known: Instant? = nil
    ) throws(ClaimError) -> StreamClaim {
        if let place = index[request.key], let entry = places[place] {
            if !entry.isLive(at: now) {
                counts.expired += 1
            } else if request.purpose == .publish, entry.claim.hasSameOwner(as: request) {
                counts.dropped += 1
            } else if entry.claim.origin == request.absent,
                (entry.ends ?? (known ?? now) + limits.lease) - now
                    < ClaimRequest.leaseOfAbsent(limits.lease, absence)
            {
                counts.dropped += 1
            } else {
                counts.refused += 1
                throw .held(entry.claim)
            }
            remove(place)
        }
        // Leases that have run out make room.
        if index.count >= limits.maximumClaims { expire(at: now) }
        guard index.count < limits.maximumClaims else {
            counts.refused += 1
            throw .full(maximum: limits.maximumClaims)
        }
        lastEpoch = max(lastEpoch, epoch) + 1
        counts.granted += 1
        let claim = StreamClaim(
            key: request.key, origin: request.origin, instance: request.instance, epoch: lastEpoch)
        insert(claim, granted: now, until: now + limits.lease)
        return claim
    }

    /// Begins the lease anew; nil if so, and else why not.
    package mutating func renew(_ claim: StreamClaim, at now: Instant) -> LostClaim? {
        guard let place = index[claim.key], let entry = places[place], entry.isLive(at: now) else {
            return LostClaim(claim: claim, holder: nil)
        }
        guard entry.claim == claim else { return LostClaim(claim: claim, holder: entry.claim) }
        if entry.ends != nil { places[place]?.ends = now + limits.lease }
        return nil
    }

    /// Ends the claim, where it is still this one.
    @discardableResult
    package mutating func release(_ claim: StreamClaim, at now: Instant) -> Bool {
        guard let place = index[claim.key], let entry = places[place], entry.claim == claim, entry.isLive(at: now)
        else {
            return false
        }
        remove(place)
        counts.released += 1
        return true
    }

    // MARK: - What others have granted

    /// Takes over a claim that others have granted; it ends when they say so, or with its origin. Where there is no
    /// room it is left.
    package mutating func adopt(_ claim: StreamClaim, granted: Instant) {
        if let place = index[claim.key] {
            // Mostly it is read once more.
            if let entry = places[place], entry.ends == nil, entry.claim == claim { return }
            remove(place)
        }
        guard index.count < limits.maximumClaims else { return }
        lastEpoch = max(lastEpoch, claim.epoch)
        insert(claim, granted: granted, until: nil)
    }

    /// Others say that nobody has the stream.
    package mutating func forget(_ key: StreamKey) {
        if let place = index[key] { remove(place) }
    }

    /// All claims of an origin.
    package func claims(of origin: OriginID) -> [StreamClaim] {
        held[origin, default: []].compactMap { places[$0]?.claim }
    }

    // MARK: - What ends by itself

    /// Ends every claim of an origin: its instance is gone.
    package mutating func drop(_ origin: OriginID) {
        guard let places = held[origin] else { return }
        counts.dropped += UInt64(places.count)
        for place in places { remove(place) }
    }

    /// Takes out the claims whose lease has run out; nobody is shown them any more as it is. Call it about once a
    /// second.
    package mutating func expire(at now: Instant) {
        for second in due.keys.filter({ $0 <= Self.second(now) }) {
            guard let bucket = due.removeValue(forKey: second) else { continue }
            for place in bucket {
                guard let entry = places[place] else { continue }
                if !entry.isLive(at: now) {
                    counts.expired += 1
                    remove(place)
                } else if let ends = entry.ends {
                    wait(place, until: ends)
                }
            }
        }
    }

    // MARK: - Places

    private mutating func insert(_ claim: StreamClaim, granted: Instant, until ends: Instant?) {
        let entry = Entry(claim: claim, granted: granted, ends: ends)
        let place: Int
        if let free = vacant.popLast() {
            place = free
            places[place] = entry
        } else {
            place = places.count
            places.append(entry)
        }
        index[claim.key] = place
        held[claim.origin, default: []].insert(place)
        streams[claim.origin.nameHash, default: 0] += 1
        counts.present += 1
        if let ends { wait(place, until: ends) }
    }

    private mutating func wait(_ place: Int, until ends: Instant) {
        // A whole second later, so that everything in a bucket that has come is due, or was renewed.
        let bucket = Self.second(ends) + 1
        places[place]?.bucket = bucket
        due[bucket, default: []].insert(place)
    }

    private mutating func remove(_ place: Int) {
        guard let entry = places[place] else { return }
        let origin = entry.claim.origin
        places[place] = nil
        vacant.append(place)
        index[entry.claim.key] = nil
        held[origin]?.remove(place)
        let left = (streams[origin.nameHash] ?? 1) - 1
        streams[origin.nameHash] = left > 0 ? left : nil
        if left <= 0 { held[origin] = nil }
        if let bucket = entry.bucket {
            due[bucket]?.remove(place)
            if due[bucket]?.isEmpty == true { due[bucket] = nil }
        }
        counts.present -= 1
    }

    private static func second(_ instant: Instant) -> UInt64 { instant.nanoseconds / 1_000_000_000 }
}

// MARK: - Listing

/// Claims as operators see them, a part at a time.
package struct ClaimPage: Sendable, Equatable {
    package struct Item: Sendable, Equatable {
        package let claim: StreamClaim
        package let age: Duration
        /// Nil where others say when it ends.
        package let leaseLeft: Duration?
    }

    package let total: Int
    package let items: [Item]
    /// Where the next part begins; nil at the end.
    package let next: Int?
}

extension ClaimTable {
    /// Up to `count` claims from the place `start` on. Whoever follows `next` to the end has seen every claim that was
    /// there all the while exactly once. However many places are vacant, a part costs a bounded look, so it may be
    /// short.
    package func page(from start: Int, count: Int, at now: Instant) -> ClaimPage {
        var items: [ClaimPage.Item] = []
        var place = max(start, 0)
        let end = min(places.count, place.addingReportingOverflow(Self.placesPerPage).partialValue)
        while place < end, items.count < count {
            if let entry = places[place], entry.isLive(at: now) {
                items.append(
                    ClaimPage.Item(claim: entry.claim, age: now - entry.granted, leaseLeft: entry.ends.map { $0 - now })
                )
            }
            place += 1
        }
        return ClaimPage(total: counts.present, items: items, next: place < places.count ? place : nil)
    }

    private static var placesPerPage: Int { 10_000 }
}
