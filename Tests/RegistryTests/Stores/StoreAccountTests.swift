import Bytes
import Glibc
import LoopKit
import Reactor
import Redis
import Registry
import Telemetry
import TestKit
import Testing

@Suite("The user of Redis that docs/protocol.md asks for", .ownThread, .timeLimit(.minutes(5)))
struct StoreAccountTests {
    private typealias S = Samples

    @Test(
        "may do all that a registry does, and nothing is refused",
        arguments: StoreKind.available.filter { $0 != .memory })
    func rights(kind: StoreKind) async throws {
        let account = try StoreAccount(for: kind)
        try await StoreRig.with(kind, origins: ["o1", "o2"], lease: .seconds(1), prefix: "sluice:", account: account) {
            actor, rig in
            let id = OriginID("o1")
            let left = try await rig.stores[0].claim(S.request("left", "o1"), on: actor).get()
            try await rig.wait(for: left, of: "left", on: actor)
            let claim = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            try await rig.wait(for: claim, of: "a", on: actor)
            #expect(await rig.stores[1].claim(S.request("a", "o2"), on: actor) == .failure(.held(claim)))
            #expect(try await rig.stores[0].renew([claim], on: actor).get() == [])
            rig.stores[0].release(claim, on: actor.loop)
            // One is given back, the other ends by itself.
            for key in ["a", "left"] { try await rig.wait(for: nil, of: key, on: actor) }
            let next = try await rig.stores[1].claim(S.request("a", "o2"), on: actor).get()
            try await rig.wait(for: next, of: "a", on: actor)
            for isDrained in [true, false] {
                try rig.stores[1].drain(id, isDrained, at: actor.loop.now)
                try await actor.wait(for: "an order") {
                    rig.stores.allSatisfy { $0.origins[id]?.isDrained == isDrained }
                }
            }
            _ = try rig.stores[0].beat(S.heartbeat("o1", service: "s2"), at: actor.loop.now)
            try rig.stores[1].deregister(OriginID("o2"), at: actor.loop.now)
            try await actor.wait(for: "a restart, and an end") {
                rig.stores.allSatisfy { $0.origins.count == 1 && $0.origins[id]?.instance == S.instance("s2") }
            }
            for server in rig.servers.withData {
                #expect(try server.words("ACL LOG") == [], "\(server.port)")
                let users = try server.words("CLIENT LIST").joined().split(separator: " ").filter {
                    $0.hasPrefix("user=")
                }
                // Who asks here, and servers of a set, are others.
                if kind.hasOneServer { #expect(users.count { $0 == "user=\(account.name)" } >= 2) }
            }
        }
    }

    @Test("has no rights beyond that")
    func bounds() throws {
        let account = try StoreAccount(for: .redis)
        #expect(
            account.rules == [
                "~sluice:*", "&sluice:*", "+@read", "+@write", "+@scripting", "+@pubsub", "+@connection", "+time",
                "-@dangerous", "+client|setname",
            ])
        #expect(try StoreAccount(for: .sentinel).rules == account.rules + ["+role"])
        #expect(try StoreAccount(for: .cluster).rules == account.rules + ["+cluster|slots"])
        let server = try RedisServer(account.configuration)
        let login = "\(account.name) \(account.password)"
        #expect(try server.words("SET sluice:1:x 1", password: login) == ["OK"])
        for line in [
            "SET other 1", "GET other", "PUBLISH other x", "CONFIG GET dir", "INFO", "SHUTDOWN", "FLUSHALL", "KEYS *",
        ] {
            let refusal = #expect(throws: RedisSays.self, "\(line)") { try server.words(line, password: login) }
            #expect(refusal?.description.hasPrefix("-NOPERM") == true)
        }
    }
}

/// A user with the rights that docs/protocol.md gives him.
struct StoreAccount: Sendable {
    let name = "sluice"
    let password = "s3cret"
    let rules: [String]

    struct Unreadable: Error {}

    /// Reads the sentence from the document, so that there are no two that could differ.
    init(for kind: StoreKind) throws {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        let document = try Self.contents(of: root + "/docs/protocol.md")
        guard
            let sentence = document.split(separator: "An ACL for the user needs ").dropFirst().first?
                .split(separator: ".\n").first?.split(separator: "\n").joined(separator: " ")
        else { throw Unreadable() }
        var parts: [String: [String]] = [:]
        for part in sentence.split(separator: ", with ") {
            let name = parts.isEmpty ? "" : String(part.prefix { $0 != " " })
            let quoted = part.split(separator: "`", omittingEmptySubsequences: false)
            parts[name] = quoted.indices.filter { $0 % 2 == 1 }.flatMap {
                quoted[$0].split(separator: " ").map(String.init)
            }
        }
        let more =
            switch kind {
            case .sentinel: parts["Sentinel"]
            case .cluster: parts["Cluster"]
            case .memory, .redis, .oldRedis, .valkey: [String]?.some([])
            }
        guard let all = parts[""], let more else { throw Unreadable() }
        rules = all + more
    }

    var credentials: RedisCredentials { RedisCredentials(user: name, password: Secret(password)) }

    /// Lines of a server's configuration.
    var configuration: [String] { ["user \(name) on >\(password) resetchannels \(rules.joined(separator: " "))"] }

    private static func contents(of path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Unreadable() }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
