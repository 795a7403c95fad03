package import Bytes

/// Where keys of one kind lead. Pure: times come in.
///
/// Routes lie in numbered places, linked in the order in which they were last remembered. All last equally long, so
/// that the first of them is the one that ends first; it gives way where there is no room. So whoever makes up sessions
/// without end only shortens the time that others have until their first packet.
package struct RouteTable: Sendable {
    package struct Limits: Sendable {
        /// Routes of each kind.
        package var maximumRoutes = 100_000
        /// In place of every kind's own.
        package var lifetime: Duration?

        package init() {}
    }

    private struct Place {
        var route: Route
        /// Nil where others say when it ends.
        var ends: Instant?
        var before: Int?
        var after: Int?

        func isLive(at now: Instant) -> Bool { ends.map { $0 > now } ?? true }
    }

    private let lifetime: Duration
    private let maximum: Int
    private var places: [Place?] = []
    private var vacant: [Int] = []
    private var index: [RouteKey: Int] = [:]
    private var first: Int?
    private var last: Int?
    /// But for those that are there.
    private var counted = RouteCounts()

    package init(_ kind: RouteKind, limits: Limits = Limits()) {
        lifetime = limits.lifetime ?? kind.lifetime
        maximum = limits.maximumRoutes
    }

    package var counts: RouteCounts {
        var counts = counted
        counts.present = index.count
        return counts
    }

    package func route(of key: RouteKey, at now: Instant) -> Route? {
        guard let place = index[key], let found = places[place], found.isLive(at: now) else { return nil }
        return found.route
    }

    /// All of them, with what is left of the time of each.
    package func all(at now: Instant) -> [(route: Route, left: Duration)] {
        index.keys.compactMap { left($0, at: now) }
    }

    /// One of them, if its time is not over.
    package func left(_ key: RouteKey, at now: Instant) -> (route: Route, left: Duration)? {
        guard let place = index[key], let found = places[place], found.isLive(at: now) else { return nil }
        return (found.route, found.ends.map { $0 - now } ?? lifetime)
    }

    // MARK: - Changes

    /// Its time begins, or begins anew.
    package mutating func remember(_ route: Route, at now: Instant) { put(route, at: now, until: now + lifetime) }

    /// Others have it, and say when it ends.
    package mutating func adopt(_ route: Route, at now: Instant) { put(route, at: now, until: nil) }

    package mutating func refuse() { counted.refused += 1 }

    package mutating func forget(_ key: RouteKey) {
        if let place = index[key] { remove(place) }
    }

    /// Takes out those whose time is over; nobody is shown them any more as it is. Call it about once a second.
    @discardableResult
    package mutating func expire(at now: Instant) -> [RouteKey] {
        var ended: [RouteKey] = []
        while let first, let found = places[first], !found.isLive(at: now) {
            ended.append(found.route.key)
            remove(first)
        }
        return ended
    }

    // MARK: - Places

    private mutating func put(_ route: Route, at now: Instant, until ends: Instant?) {
        if let place = index[route.key] {
            unlink(place)
            link(place, Place(route: route, ends: ends))
            return
        }
        if index.count >= maximum, let first {
            if places[first]?.isLive(at: now) == true { counted.evicted += 1 }
            remove(first)
        }
        counted.remembered += 1
        let place = vacant.popLast() ?? places.count
        if place == places.count { places.append(nil) }
        index[route.key] = place
        link(place, Place(route: route, ends: ends))
    }

    private mutating func remove(_ place: Int) {
        guard let found = places[place] else { return }
        unlink(place)
        places[place] = nil
        vacant.append(place)
        index[found.route.key] = nil
    }

    /// As the last one.
    private mutating func link(_ place: Int, _ content: Place) {
        places[place] = content
        places[place]?.before = last
        if let last { places[last]?.after = place } else { first = place }
        last = place
    }

    private mutating func unlink(_ place: Int) {
        guard let found = places[place] else { return }
        if let before = found.before { places[before]?.after = found.after } else { first = found.after }
        if let after = found.after { places[after]?.before = found.before } else { last = found.before }
    }
}

/// One table for each kind, so that what is made up of one kind is no other's loss.
package struct RouteTables: Sendable {
    private var tables: [RouteKind: RouteTable]

    package init(limits: RouteTable.Limits = RouteTable.Limits()) {
        tables = Dictionary(uniqueKeysWithValues: RouteKind.allCases.map { ($0, RouteTable($0, limits: limits)) })
    }

    package subscript(kind: RouteKind) -> RouteTable {
        get { tables[kind] ?? RouteTable(kind) }
        _modify { yield &tables[kind, default: RouteTable(kind)] }
    }

    package var counts: [RouteKind: RouteCounts] { tables.mapValues(\.counts) }

    package mutating func expire(at now: Instant) -> [RouteKey] {
        RouteKind.allCases.flatMap { self[$0].expire(at: now) }
    }
}
