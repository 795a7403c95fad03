import Foundation
import Synchronization
import TestKit
import Testing

/// How many descriptors the programs of a fleet have while nobody publishes or plays.
final class FleetRest: Sendable {
    private let counts = Mutex<[pid_t: Int]>([:])

    func learn(_ process: ProcessStatus, _ count: Int) { counts.withLock { $0[process.pid] = count } }

    func descriptors(of process: ProcessStatus) -> Int? { counts.withLock { $0[process.pid] } }
}

extension Fleet {
    /// Of each program: see `ProxyProcess.variables` and `OriginProcess.variables`.
    private static let loops = 2

    /// Gauges of what is there because of a publisher or a player, in proxies and in origins.
    private static let gauges = [
        "sluice_rtmp_connections_open", "sluice_rtmp_relays_open", "sluice_http_relays_open",
        "sluice_origin_sessions_open", "sluice_stream_claims", "sluice_publishers", "sluice_viewers",
    ]

    /// Counts descriptors before anybody has come. Each of the two loops of a proxy has its connection to Redis, one of
    /// them has a second one, which hears notices, and beside each there is one to a sentinel where there are any.
    func learnRest(hasSentinels: Bool) async throws {
        let links = hasSentinels ? 6.0 : 3.0
        try await everywhere("connections to Redis") {
            try await MetricsPage(of: $0).value("sluice_redis_up")
        } until: {
            $0 == links
        }
        for (number, proxy) in proxies.enumerated() {
            let (port, process) = (proxy.port(.system), proxy.status)
            // Beats come by one connection, which stays. Those of the requests above end.
            let beating = number < 2 ? 1 : 0
            try await eventually("end of requests") { process.connections(to: port) == beating }
        }
        let programs = proxies.map(\.status) + [one.status, two.status]
        try await onThread { [rest] in
            // An origin looks into /proc for a moment in each second.
            for process in programs {
                rest.learn(process, (0..<100).map { _ in process.settledDescriptors }.min() ?? 0)
            }
        }
    }

    /// Ends all clients, and waits until there is nothing left of them: neither in Redis nor in any program that lives.
    /// `successors` are origins that have been started in the place of others.
    ///
    /// Descriptors are as many as there were before, but for epoll sets, of which a loop makes a second one when it
    /// first reads a publisher at a pace. No pool keeps more: to origins' RTMP and HTTP streams none is kept open, and
    /// of the API of origins, which has one for 10 s, nothing was asked. What may be missing are the beats of an origin
    /// that is dead.
    func waitForRest(_ redis: RedisServer, successors: [String: OriginProcess] = [:]) async throws {
        endClients()
        let livingProxies = proxies.filter { !$0.program.hasExited }
        try await waitForClaims("end of all claims", at: livingProxies, within: .seconds(60), \.isEmpty)
        try await eventually("end of all that is in Redis") { (try? redis.remains()) == [] }
        for proxy in livingProxies { try await waitForEndOfSessions(at: proxy) }
        for (name, first) in origins {
            guard let origin = [first, successors[name]].compactMap(\.self).first(where: { !$0.program.hasExited })
            else { continue }
            try await waitForEndOfSessions(at: origin)
            try await waitForDescriptors(of: origin.status, as: first.status)
        }
        for proxy in livingProxies {
            let silent = origins.count { name, origin in
                home(of: name) === proxy && origin.program.hasExited
                    && successors[name]?.program.hasExited != false
            }
            try await waitForDescriptors(of: proxy.status, as: proxy.status, less: silent)
        }
    }

    private func waitForEndOfSessions(at server: some ServerProcess) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let left = try await MetricsPage(of: server).samples(of: Self.gauges).filter { $0.value != 0 }
            if left.isEmpty { return }
            guard ContinuousClock.now < deadline else { throw WaitExpired(description: "still there: \(left)") }
        }
    }

    private func waitForDescriptors(
        of process: ProcessStatus, as first: ProcessStatus, less missing: Int = 0
    )
        async throws
    {
        guard let before = rest.descriptors(of: first) else { return }
        let expected = before - missing
        do {
            try await eventually("\(expected) descriptors of \(process.pid)", within: .seconds(60)) {
                process.descriptors.count { !$0.isSet } == expected
            }
        } catch {
            throw WaitExpired(description: "\(error); there are \(process.descriptors.sorted())")
        }
        #expect(process.descriptors.count(where: \.isSet) <= 2 * Self.loops)
    }
}

extension MetricsPage {
    /// All samples of some families.
    func samples(of families: [String]) -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                continue
            }
            let series = line[..<space]
            if families.contains(String(series.prefix { $0 != "{" })) { samples[String(series)] = value }
        }
        return samples
    }
}

extension ProcessStatus {
    /// Descriptors, a millisecond later.
    fileprivate var settledDescriptors: Int {
        poll(nil, 0, 1)
        return descriptors.count { !$0.isSet }
    }

    /// What each descriptor is of, as the system calls it.
    fileprivate var descriptors: [String] {
        let folder = "/proc/\(pid)/fd"
        let manager = FileManager.default
        return ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).map { name in
            (try? manager.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")) ?? "?"
        }
    }

    /// Sockets of clients of a port of 127.0.0.1 that it has not closed.
    func connections(to port: UInt16) -> Int {
        // In pieces to its end: Foundation takes a file without a size for one of a single piece.
        let tables = ["tcp", "tcp6"].map { name -> String in
            let file = FileHandle(forReadingAtPath: "/proc/\(pid)/net/\(name)")
            return String(decoding: (try? file?.readToEnd()) ?? Data(), as: UTF8.self)
        }
        return tables.joined().split(separator: "\n").count { line in
            // Local address, remote address, state, …, inode: that is 0 where nobody has it open (proc(5)).
            let fields = line.split(separator: " ")
            return fields.count > 9 && fields[3] != "0A" && fields[9] != "0"
                && fields[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) } == port
        }
    }
}

extension String {
    /// Of epoll.
    fileprivate var isSet: Bool { self == "anon_inode:[eventpoll]" }
}

extension RedisServer {
    /// How many claims it holds.
    func claims() throws -> Int { try leases().count }

    /// When the lease of each claim ends, by stream, in the server's milliseconds.
    func leases() throws -> [String: Double] {
        var leases: [String: Double] = [:]
        for part in 0..<64 {
            let words = try words("ZRANGE sluice:1:{claims-\(part)}:leases 0 -1 WITHSCORES")
            for index in stride(from: 0, to: words.count, by: 2) { leases[words[index]] = Double(words[index + 1]) }
        }
        return leases
    }

    /// Keys that should not be there while nobody publishes: of claims, of nothing that is known, without an end.
    func remains() throws -> [String] {
        try words("KEYS *").filter { key in
            let parts = key.split(separator: ":")
            guard parts.count == 4, parts[0] == "sluice", parts[1] == "1" else { return true }
            let isClaim = parts[2].hasPrefix("{claims-")
            // What has ended is remembered for a while, for those who have not heard.
            let isKept = isClaim ? ["gone", "meta"].contains(parts[3]) : ["{origins}", "{drained}"].contains(parts[2])
            return try !isKept || words("TTL \(key)") == ["-1"]
        }
    }
}
