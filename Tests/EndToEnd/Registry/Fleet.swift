import Foundation
import Synchronization
import TestKit
import Testing

/// Three proxies that share a registry, and two origins: "one" beats at the first proxy, "two" at the second, none at
/// the third.
struct Fleet {
    let proxies: [ProxyProcess]
    let one: OriginProcess
    let two: OriginProcess
    /// What it was like before anybody came.
    let rest: FleetRest
    private let clients = FleetClients()

    var origins: [String: OriginProcess] { ["one": one, "two": two] }

    /// The proxy at which an origin beats.
    func home(of origin: String) -> ProxyProcess { proxies[origin == "one" ? 0 : 1] }

    /// The address of a path at one of the proxies, for RTMP.
    func rtmp(_ proxy: Int, _ path: String) -> String { proxies[proxy].url(.rtmp, path) }

    /// What makes an origin beat at a proxy, every second. It says nothing of its load, which moves publishers.
    static func beating(_ name: String, at proxy: ProxyProcess) -> [String: String] {
        [
            "SRS_HEARTBEAT_ENABLED": "on", "SRS_HEARTBEAT_PORTS": "on", "SRS_HEARTBEAT_INTERVAL": "1",
            "SRS_SERVER_ID": name, "SRS_HEARTBEAT_URL": proxy.url(.system, "/api/v1/srs/register"),
        ]
    }

    // MARK: - Its clients, up to `waitForRest`

    /// Begins to publish, by default in real time and without an end.
    func beginPublishing(
        _ name: String, through proxy: Int, _ media: Fixture.Media,
        _ options: [String] = Client.lasting
    ) throws -> Client {
        clients.keep(try Client.publish(rtmp(proxy, "/live/\(name)"), media.path, options))
    }

    /// The same; let in when this returns.
    @discardableResult
    func publish(
        _ name: String, through proxy: Int, _ media: Fixture.Media,
        _ options: [String] = Client.lasting
    ) async throws -> Client {
        let publisher = try beginPublishing(name, through: proxy, media, options)
        #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
        return publisher
    }

    func play(_ name: String, through proxy: Int, _ options: [String] = []) throws -> Client {
        clients.keep(try Client.play(rtmp(proxy, "/live/\(name)"), options))
    }

    func endClients() { clients.end() }

    // MARK: - What its proxies say

    /// Waits until every one of `proxies`, or of all, sees it as it should be.
    func everywhere<Seen>(
        _ what: String, at proxies: [ProxyProcess]? = nil, within bound: Duration = .seconds(20),
        _ look: (ProxyProcess) async throws -> Seen, until isMet: (Seen) -> Bool
    ) async throws {
        for (index, proxy) in (proxies ?? self.proxies).enumerated() {
            let deadline = ContinuousClock.now + bound
            while true {
                let seen = try await look(proxy)
                if isMet(seen) { break }
                guard ContinuousClock.now < deadline else {
                    throw WaitExpired(description: "no \(what) at proxy \(index) within \(bound): \(seen)")
                }
            }
        }
    }

    /// Waits until every proxy says the same of its registry.
    func waitForState(_ state: String, at proxies: [ProxyProcess]? = nil) async throws {
        try await everywhere("state \(state)", at: proxies) {
            try await MetricsPage(of: $0).value("sluice_registry_state{state=\"\(state)\"}")
        } until: {
            $0 == 1
        }
    }

    /// Waits until the streams that have an origin are as expected at every proxy.
    func waitForClaims(
        _ what: String, at proxies: [ProxyProcess]? = nil, within bound: Duration = .seconds(20),
        _ isMet: ([String: SharedStream]) -> Bool
    ) async throws {
        try await everywhere(what, at: proxies, within: bound, { try await $0.streams() }, until: isMet)
    }

    /// Waits until every proxy sends streams to both origins.
    func waitForOrigins() async throws {
        try await everywhere("two origins") {
            try await $0.originStates()
        } until: {
            $0 == ["one": "alive", "two": "alive"]
        }
    }

    /// Waits until every proxy has heard of this start of an origin.
    func waitForStart(of name: String, _ origin: OriginProcess) async throws {
        try await everywhere("start of \(name)") {
            try await $0.pids()
        } until: {
            $0[name] == "\(origin.program.pid)"
        }
    }

    /// What their /readyz answers.
    func readiness() async throws -> [Int] {
        var statuses: [Int] = []
        for proxy in proxies { statuses.append(try await Curl.get(proxy.url(.system, "/readyz")).status) }
        return statuses
    }
}

private final class FleetClients: Sendable {
    private let kept = Mutex<[Client]>([])

    func keep(_ client: Client) -> Client {
        kept.withLock { $0.append(client) }
        return client
    }

    func end() {
        let ended = kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
        for client in ended { client.program.end() }
    }
}

/// A stream as a proxy lists it.
struct SharedStream: Equatable {
    let server: String
    let epoch: UInt64
}

extension ProxyProcess {
    /// By name, without the virtual host.
    func streams() async throws -> [String: SharedStream] {
        let data = try await Curl.get(url(.system, "/api/v1/streams")).json["data"] as? [String: Any]
        var streams: [String: SharedStream] = [:]
        for stream in data?["streams"] as? [[String: Any]] ?? [] {
            guard let name = stream["name"] as? String, let server = stream["server"] as? String,
                let epoch = (stream["epoch"] as? NSNumber)?.uint64Value
            else { continue }
            streams[name] = SharedStream(server: server, epoch: epoch)
        }
        return streams
    }

    /// What it thinks of each origin.
    func originStates() async throws -> [String: String] { try await origins("state") }

    func pids() async throws -> [String: String] { try await origins("pid") }

    /// After how many milliseconds it expects the next beat of each.
    func rhythms() async throws -> [String: Int] { try await origins("interval_ms") }

    /// A member of each origin's listing.
    func origins<Value>(_ member: String) async throws -> [String: Value] {
        let data = try await Curl.get(url(.system, "/api/v1/origins")).json["data"] as? [String: Any]
        var values: [String: Value] = [:]
        for origin in data?["origins"] as? [[String: Any]] ?? [] {
            values[origin["server"] as? String ?? ""] = origin[member] as? Value
        }
        return values
    }
}

/// Starts all of it before the registry at `redis`, and waits until all of it works; `variables` are for all proxies,
/// `own` for the one of that number.
func withFleet<R>(
    _ redis: String, _ variables: [String: String] = [:], own: [Int: [String: String]] = [:],
    _ body: (Fleet) async throws -> R
) async throws -> R {
    var shared = ["PROXY_LOAD_BALANCER_TYPE": "redis", "PROXY_REDIS_URL": redis, "PROXY_LOG_LEVEL": "debug"]
    shared.merge(variables) { _, own in own }
    func setup(_ number: Int) -> [String: String] { shared.merging(own[number] ?? [:]) { _, own in own } }
    return try await withProxy(setup(0)) { first in
        try await withProxy(setup(1)) { second in
            try await withProxy(setup(2)) { third in
                try await withOrigin(Fleet.beating("one", at: first)) { one in
                    try await withOrigin(Fleet.beating("two", at: second)) { two in
                        let proxies = [first, second, third]
                        let fleet = Fleet(proxies: proxies, one: one, two: two, rest: FleetRest())
                        try await fleet.waitForOrigins()
                        try await fleet.waitForState("fresh")
                        try await fleet.learnRest(hasSentinels: redis.contains("sentinel"))
                        return try await body(fleet)
                    }
                }
            }
        }
    }
}
