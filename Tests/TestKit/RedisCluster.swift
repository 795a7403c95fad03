import Glibc

/// Six nodes of a cluster: three primaries with a third of the slots each, and a replica of each; killed with the last
/// reference.
///
/// Starting them blocks until each node sees a whole cluster.
package final class RedisCluster: Sendable {
    package let nodes: [RedisServer]
    /// Where each takes TLS as well; those of a cluster without certificate are empty.
    package var securePorts: [UInt16] { secure.map(\.port) }
    private let secure: [TakenPort]
    /// Where the nodes speak to each other.
    private let buses: [TakenPort]
    private let password: String?

    /// What one node says of one, itself included.
    package struct Line {
        package let id: String
        package let port: UInt16
        package let flags: Set<Substring>
        /// The primary of a replica.
        package let primary: String?
        package let slots: [ClosedRange<Int>]

        package var isPrimary: Bool { flags.contains("master") }
        package var hasFailed: Bool { flags.contains("fail") || flags.contains("fail?") }
    }

    /// `lines` are added to the configuration of each node. With `certificate`, the files `server.pem`, `server.key`
    /// and `ca.pem`, the nodes take TLS as well, and speak it to each other. Needs 7.0, which has a setting for the
    /// second port.
    package init(
        _ lines: [String] = [], password: String? = nil, certificate: [String: String]? = nil,
        program: String = "/usr/bin/redis-server"
    ) throws {
        self.password = password
        let secrets = password.map { ["requirepass \($0)", "masterauth \($0)"] } ?? []
        let buses = try (0..<6).map { _ in try TakenPort(.reserved) }
        self.buses = buses
        let secure = try (0..<(certificate == nil ? 0 : 6)).map { _ in try TakenPort(.reserved) }
        self.secure = secure
        nodes = try buses.enumerated().map { index, bus in
            let tls = certificate == nil ? [] : Self.tls + ["tls-port \(secure[index].port)"]
            let own = [
                "cluster-enabled yes", "cluster-port \(bus.port)", "cluster-node-timeout 1000",
                "cluster-replica-validity-factor 0", "repl-diskless-sync-delay 0", "repl-ping-replica-period 1",
            ]
            return try RedisServer(own + tls + secrets + lines, files: certificate ?? [:], program: program)
        }
        let secret = password.map { ["-a", $0, "--no-auth-warning"] } ?? []
        try Self.run(
            ["--cluster", "create"] + nodes.map { "127.0.0.1:\($0.port)" }
                + ["--cluster-replicas", "1", "--cluster-yes"] + secret)
        try waitUntilWhole(replicas: 3)
    }

    deinit {
        for node in nodes { node.kill() }
        for port in buses + secure { port.close() }
    }

    private static let tls = [
        "tls-cluster yes", "tls-replication yes", "tls-auth-clients no", "tls-cert-file server.pem",
        "tls-key-file server.key", "tls-ca-cert-file ca.pem",
    ]

    private static func run(_ arguments: [String]) throws {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        // It would wait for nodes that do not meet without end.
        let bounded = ["60", "/usr/bin/redis-cli"] + arguments
        let child = try ChildProgram("/usr/bin/timeout", bounded, input: null, output: null)
        let end = child.wait()
        guard end == .status(0) else { throw RedisSays("redis-cli \(arguments) ended with \(end)") }
    }

    /// What the first node that runs, or `node`, says of all.
    package func table(by node: RedisServer? = nil) throws -> [Line] {
        var failure: any Error = RedisSays("no node runs")
        for node in node.map({ [$0] }) ?? nodes {
            do {
                return try node.words("CLUSTER NODES", password: password).joined().split(separator: "\n").map(
                    Self.line)
            } catch { failure = error }
        }
        throw failure
    }

    /// `id host:port@bus,name flags primary ping pong epoch link slots…`
    private static func line(_ text: Substring) throws -> Line {
        let words = text.split(separator: " ")
        let port = words.count >= 8 ? words[1].split(separator: "@")[0].split(separator: ":").last : nil
        guard let port = port.flatMap({ UInt16($0) }) else { throw RedisSays("a node is \(text)") }
        let slots = words.dropFirst(8).compactMap { word -> ClosedRange<Int>? in
            let ends = word.split(separator: "-").compactMap { Int($0) }
            return ends.first.map { $0...(ends.last ?? $0) }
        }
        return Line(
            id: String(words[0]), port: port, flags: Set(words[2].split(separator: ",")),
            primary: words[3] == "-" ? nil : String(words[3]), slots: slots)
    }

    /// Who has `slot`, as the first node that runs says.
    package func primary(of slot: Int) throws -> RedisServer {
        let line = try table().first { line in line.slots.contains { $0.contains(slot) } && !line.hasFailed }
        guard let node = nodes.first(where: { $0.port == line?.port }) else { throw RedisSays("nobody has \(slot)") }
        return node
    }

    /// Those that have slots, as the first node that runs says.
    package var primaries: [RedisServer] {
        get throws {
            let ports = try table().filter { !$0.slots.isEmpty && !$0.hasFailed }.map(\.port)
            return nodes.filter { ports.contains($0.port) }
        }
    }

    /// Waits until each node that runs has a whole cluster in which so many replicas follow.
    package func waitUntilWhole(replicas: Int = 0) throws {
        try RedisServer.wait(for: "a whole cluster") {
            try nodes.allSatisfy { node in
                guard node.isRunning else { return true }
                let state = try node.words("CLUSTER INFO", password: password).joined()
                let lines = try table(by: node).filter { !$0.hasFailed }
                return state.contains("cluster_state:ok") && state.contains("cluster_slots_ok:16384")
                    && lines.count { $0.primary != nil } >= replicas
            }
        }
    }

    /// Waits until somebody else than `old`, which was killed, has `slot`, and everybody knows.
    package func waitForAnother(than old: RedisServer, of slot: Int) throws -> RedisServer {
        try RedisServer.wait(for: "another primary") { try primary(of: slot) !== old }
        try waitUntilWhole()
        return try primary(of: slot)
    }
}

// MARK: - Moving slots

extension RedisCluster {
    /// Moves a slot with its keys.
    package func move(_ slot: Int, to target: RedisServer) throws {
        try beginMove(slot, to: target)
        try moveKeys(of: slot, to: target)
        try endMove(slot, to: target)
    }

    /// From here on the slot's keys that are not where they were are asked for at `target`, by ASK.
    package func beginMove(_ slot: Int, to target: RedisServer) throws {
        let source = try primary(of: slot)
        try order("CLUSTER SETSLOT \(slot) IMPORTING \(id(of: source))", to: target)
        try order("CLUSTER SETSLOT \(slot) MIGRATING \(id(of: target))", to: source)
    }

    /// Moves the keys that there are.
    package func moveKeys(of slot: Int, to target: RedisServer) throws {
        let source = try primary(of: slot)
        let secret = password.map { " AUTH \($0)" } ?? ""
        while true {
            let keys = try source.words("CLUSTER GETKEYSINSLOT \(slot) 100", password: password)
            guard !keys.isEmpty else { return }
            let list = keys.joined(separator: " ")
            try order("MIGRATE 127.0.0.1 \(target.port) \"\" 0 20000\(secret) KEYS \(list)", to: source)
        }
    }

    /// From here on the slot is at `target`, and asked for elsewhere it is MOVED.
    package func endMove(_ slot: Int, to target: RedisServer) throws {
        let source = try primary(of: slot)
        let new = try id(of: target)
        // The other primaries would hear of it soon.
        let others = try primaries.filter { $0 !== target && $0 !== source }
        for node in [target, source] + others { try order("CLUSTER SETSLOT \(slot) NODE \(new)", to: node) }
    }

    private func id(of node: RedisServer) throws -> String {
        guard let line = try table().first(where: { $0.port == node.port }) else { throw RedisSays("no such node") }
        return line.id
    }

    private func order(_ line: String, to node: RedisServer) throws { _ = try node.words(line, password: password) }
}
