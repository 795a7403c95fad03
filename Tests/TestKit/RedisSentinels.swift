/// A primary, two replicas, and three sentinels that watch them, two of which must agree; killed with the last
/// reference.
///
/// Starting them blocks until the sentinels know each other and the replicas.
package final class RedisSentinels: Sendable {
    /// What the sentinels know the primary and its replicas by.
    package static let name = "main"

    /// The first is the primary at the start.
    package let servers: [RedisServer]
    package let sentinels: [RedisServer]
    private let password: String?
    private let sentinelPassword: String?

    /// `lines` are added to the configuration of each server.
    package init(
        _ lines: [String] = [], password: String? = nil, sentinelPassword: String? = nil,
        program: String = "/usr/bin/redis-server"
    ) throws {
        self.password = password
        self.sentinelPassword = sentinelPassword
        let secrets = password.map { ["requirepass \($0)", "masterauth \($0)"] } ?? []
        let quick = ["repl-diskless-sync-delay 0", "repl-ping-replica-period 1"] + secrets + lines
        let primary = try RedisServer(quick, program: program)
        let replicas = try (0..<2).map { _ in
            try RedisServer(quick + ["replicaof 127.0.0.1 \(primary.port)"], program: program)
        }
        servers = [primary] + replicas
        // They find the replicas where those follow already, and not some ten seconds later.
        try RedisServer.wait(for: "two replicas") {
            try primary.words("INFO replication", password: password).joined().contains("connected_slaves:2")
        }
        let watch =
            [
                "sentinel monitor \(Self.name) 127.0.0.1 \(primary.port) 2",
                "sentinel down-after-milliseconds \(Self.name) 500", "sentinel failover-timeout \(Self.name) 3000",
            ]
            + (password.map { ["sentinel auth-pass \(Self.name) \($0)"] } ?? [])
            + (sentinelPassword.map { ["requirepass \($0)", "sentinel sentinel-pass \($0)"] } ?? [])
        sentinels = try (0..<3).map { _ in try RedisServer(watch, arguments: ["--sentinel"], program: program) }
        try RedisServer.wait(for: "three sentinels that know all") {
            try sentinels.allSatisfy { sentinel in
                let known = try sentinel.words("INFO sentinel", password: sentinelPassword).joined()
                return known.contains("status=ok") && known.contains("slaves=2,sentinels=3")
            }
        }
    }

    /// What all sentinels that run agree to be the primary; nil as long as they do not.
    package var primary: RedisServer? {
        let ports = Set(
            sentinels.map { sentinel in
                let words = try? sentinel.words(
                    "SENTINEL GET-MASTER-ADDR-BY-NAME \(Self.name)", password: sentinelPassword)
                return words?.last.flatMap { UInt16($0) }
            }.compactMap(\.self))
        return ports.count == 1 ? servers.first { $0.port == ports.first } : nil
    }

    /// Ends the primary without a word, and returns it.
    @discardableResult
    package func killPrimary() throws -> RedisServer {
        let primary = try agreed()
        primary.kill()
        return primary
    }

    /// Stops the primary, which keeps its connections and answers nothing, and returns it; `thaw` lets it go on.
    @discardableResult
    package func pausePrimary() throws -> RedisServer {
        let primary = try agreed()
        primary.freeze()
        return primary
    }

    /// Waits until the sentinels agree on another primary than `old`, and that one is a primary, and returns it.
    package func waitForAnother(than old: RedisServer) throws -> RedisServer {
        try RedisServer.wait(for: "another primary") {
            guard let primary, primary !== old else { return false }
            return try primary.words("ROLE", password: password).first == "master"
        }
        return try agreed()
    }

    private func agreed() throws -> RedisServer {
        guard let primary else { throw RedisSays("the sentinels do not agree") }
        return primary
    }
}
