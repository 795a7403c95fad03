package import Media
import Redis

/// A table that proxies share: members with values, each with a lease. Its keys lie in one slot of a cluster, so that a
/// script sees all of it; claims are many, and spread over several tables.
package enum SharedTable: Hashable {
    /// Heartbeats, by origin.
    case origins
    /// Origins that operators have drained.
    case drained
    /// Who has which stream, one part of them.
    case claims(Int)
    /// Where the sessions of one kind belong, one part of them.
    case routes(RouteKind, Int)

    /// In how many parts claims are kept; all proxies have to have the same.
    static let parts = 64
    /// In how many parts the routes of each kind are.
    static let routeParts = 16

    static let all = [origins, drained] + claims + routes

    static let claims = (0..<parts).map(SharedTable.claims)

    static let routes = RouteKind.allCases.flatMap { kind in (0..<routeParts).map { SharedTable.routes(kind, $0) } }

    /// The table of a stream's claim.
    package init(claimOf key: StreamKey) { self = .claims(Self.part(of: key)) }

    /// The table of a route.
    package init(routeOf key: RouteKey) {
        self = .routes(key.kind, Self.part(of: key.text, among: Self.routeParts))
    }

    static func part(of key: StreamKey) -> Int { part(of: key.description, among: parts) }

    private static func part(of text: String, among parts: Int) -> Int {
        // FNV-1a: what decides has to be the same in every version on every machine.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(hash % UInt64(parts))
    }

    init?(name: Substring) {
        guard let table = Self.byName[String(name)] else { return nil }
        self = table
    }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    package var name: String {
        switch self {
        case .origins: "origins"
        case .drained: "drained"
        case .claims(let part): "claims-\(part)"
        case .routes(let kind, let part): "routes-\(kind.rawValue)-\(part)"
        }
    }

    /// For how many milliseconds its keys outlive the last change. Nothing in them is worth more, and versions rise
    /// without them.
    var keep: Int {
        switch self {
        case .origins, .claims, .routes: 3_600_000
        case .drained: 30 * 86_400_000
        }
    }
}

/// What the shared registry is called in Redis. The number is that of the format: proxies with another one share
/// nothing.
struct SharedNames {
    let prefix: String

    init(prefix: String) { self.prefix = "\(prefix)1:" }

    /// The channel of all notices.
    var channel: String { "\(prefix)notices" }

    /// The five keys that every script is given, in its order.
    func keys(of table: SharedTable) -> [RedisKey] {
        ["values", "leases", "versions", "gone", "meta"].map { RedisKey("\(prefix){\(table.name)}:\($0)") }
    }
}
