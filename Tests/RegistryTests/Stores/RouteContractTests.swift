import Bytes
import LoopKit
import Reactor
import Redis
import TestKit
import Testing

@testable import Registry

@Suite("What every store promises of routes", .ownThread, .timeLimit(.minutes(5)))
struct RouteContractTests {
    private typealias S = Samples

    @Test("a route that one proxy remembers every proxy finds, until one forgets it", arguments: StoreKind.available)
    func shared(kind: StoreKind) async throws {
        try await StoreRig.with(kind, origins: ["o1", "o2"]) { actor, rig in
            for (number, origin) in ["o1", "o2"].enumerated() {
                try rig.stores[number].remember(S.route("u-\(origin)", origin), at: actor.loop.now)
            }
            #expect(rig.origin(of: "u-o1", at: 0, on: actor) == "o1", "at once where it was remembered")
            try await rig.wait(forRouteTo: "o1", of: "u-o1", on: actor)
            try await rig.wait(forRouteTo: "o2", of: "u-o2", on: actor)
            try await rig.wait(forRouteTo: nil, of: "u", on: actor)
            rig.stores[1].forget(S.route("u-o1", "o2"), at: actor.loop.now)
            rig.stores[1].forget(S.route("u-o1", "o1", service: "s0"), at: actor.loop.now)
            rig.stores[1].forget(S.route("u-o2", "o2"), at: actor.loop.now)
            try await rig.wait(forRouteTo: nil, of: "u-o2", on: actor)
            try await rig.wait(forRouteTo: "o1", of: "u-o1", on: actor)
            try rig.stores[1].remember(S.route("u-o1", "o2"), at: actor.loop.now)
            try await rig.wait(forRouteTo: "o2", of: "u-o1", on: actor)
            #expect(rig.stores.allSatisfy { $0.routeCounts[.webRTC]?.present == 1 })
        }
    }

    @Test(
        "a route ends with its origin's start, and one to a start that is not there is none",
        arguments: StoreKind.available)
    func restart(kind: StoreKind) async throws {
        try await StoreRig.with(kind, origins: ["a", "b", "c"]) { actor, rig in
            for name in ["a", "b", "c"] { try rig.stores[0].remember(S.route("u-\(name)", name), at: actor.loop.now) }
            for name in ["a", "b", "c"] { try await rig.wait(forRouteTo: name, of: "u-\(name)", on: actor) }
            _ = try rig.stores[1].beat(S.heartbeat("a", service: "s2"), at: actor.loop.now)
            _ = try rig.stores[1].beat(S.heartbeat("b", state: .gone), at: actor.loop.now)
            for name in ["a", "b"] { try await rig.wait(forRouteTo: nil, of: "u-\(name)", on: actor) }
            for route in [S.route("v", "a"), S.route("v", "b"), S.route("v", "d")] {
                #expect(throws: RouteRefusal.unknownOrigin) {
                    try rig.stores[1].remember(route, at: actor.loop.now)
                }
            }
            #expect(rig.stores[1].routeCounts[.webRTC]?.refused == 3)
            try rig.stores[1].remember(S.route("u-a", "a", service: "s2"), at: actor.loop.now)
            try await rig.wait(forRouteTo: "a", of: "u-a", on: actor)
            try await rig.wait(forRouteTo: "c", of: "u-c", on: actor)
        }
    }

    @Test("a route ends by itself, unless it is remembered again", arguments: StoreKind.available)
    func expiry(kind: StoreKind) async throws {
        var limits = RouteTable.Limits()
        limits.lifetime = .seconds(3)
        try await StoreRig.with(kind, origins: ["o"], routes: limits) { actor, rig in
            for name in ["kept", "left"] { try rig.stores[0].remember(S.route(name, "o"), at: actor.loop.now) }
            try await rig.wait(forRouteTo: "o", of: "kept", on: actor)
            let deadline = actor.loop.now + .seconds(40)
            while rig.stores.indices.contains(where: { rig.origin(of: "left", at: $0, on: actor) != nil }) {
                try #require(actor.loop.now < deadline)
                // Any proxy may have the session by now.
                try rig.stores[1].remember(S.route("kept", "o"), at: actor.loop.now)
                for store in rig.stores { _ = store.watch(at: actor.loop.now) }
                await actor.pause(for: .milliseconds(100))
            }
            try await rig.wait(forRouteTo: "o", of: "kept", on: actor)
            try await actor.wait(for: "the end") {
                for store in rig.stores { _ = store.watch(at: actor.loop.now) }
                return rig.stores.allSatisfy { $0.routeCounts[.webRTC]?.present == 0 }
            }
        }
    }

    @Test("of more routes than may be the oldest give way, everywhere", arguments: StoreKind.available)
    func bound(kind: StoreKind) async throws {
        var limits = RouteTable.Limits()
        limits.maximumRoutes = 32
        try await StoreRig.with(kind, origins: ["o"], wait: .seconds(30), routes: limits) { actor, rig in
            for number in 0..<1_000 { try rig.stores[0].remember(S.route("\(number)", "o"), at: actor.loop.now) }
            try await actor.wait(for: "few") { rig.stores.allSatisfy { (1...32) ~= $0.routeCounts[.webRTC]!.present } }
            try await rig.wait(forRouteTo: "o", of: "999", on: actor)
            try await rig.wait(forRouteTo: nil, of: "0", on: actor)
            try await actor.wait(for: "counts") {
                let counts = rig.stores[0].routeCounts[.webRTC]!
                return counts.remembered == 1_000 && counts.evicted >= 1_000 - 32
            }
        }
    }
}

@Suite("Routes while Redis is away", .timeLimit(.minutes(5)))
struct SharedRoutesTests {
    private typealias S = Samples

    @Test(
        "are found and remembered, and known to all when it is back, with its data or without",
        arguments: [true, false])
    func away(keepsData: Bool) async throws {
        try await StoreRig.with(.redis, origins: ["o"], keepsData: keepsData) { actor, rig in
            try rig.stores[0].remember(S.route("before", "o"), at: actor.loop.now)
            try await rig.wait(forRouteTo: "o", of: "before", on: actor)
            try await rig.killServer(on: actor)
            try await rig.wait(forRouteTo: "o", of: "before", on: actor)
            // More than one command has.
            for number in 0..<5_000 { try rig.stores[1].remember(S.route("\(number)", "o"), at: actor.loop.now) }
            #expect(rig.origin(of: "4999", at: 1, on: actor) == "o" && rig.origin(of: "4999", at: 0, on: actor) == nil)
            try rig.server?.restart()
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            try await actor.wait(for: "all of them") {
                rig.stores.allSatisfy { $0.routeCounts[.webRTC]?.present == 5_001 }
            }
            for name in ["before", "0", "4999"] { try await rig.wait(forRouteTo: "o", of: name, on: actor) }
        }
    }

    @Test("one whose time is over before Redis is back is nowhere")
    func expiredAway() async throws {
        var limits = RouteTable.Limits()
        limits.lifetime = .seconds(1)
        try await StoreRig.with(.redis, origins: ["o"], routes: limits) { actor, rig in
            try await rig.killServer(on: actor)
            try rig.stores[0].remember(S.route("u", "o"), at: actor.loop.now)
            try await actor.wait(for: "the end") {
                _ = rig.stores[0].watch(at: actor.loop.now)
                return rig.stores[0].routeCounts[.webRTC]?.present == 0
            }
            try rig.server?.restart()
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            try await rig.wait(forRouteTo: nil, of: "u", on: actor)
        }
    }

    @Test("what Redis has refused is told again")
    func refused() async throws {
        try await StoreRig.with(.redis, origins: ["o"]) { actor, rig in
            let server = try #require(rig.server)
            _ = try server.ask("CONFIG SET maxmemory 1")
            try rig.stores[0].remember(S.route("u", "o"), at: actor.loop.now)
            await actor.pause(for: .milliseconds(500))
            #expect(rig.origin(of: "u", at: 0, on: actor) == "o" && rig.origin(of: "u", at: 1, on: actor) == nil)
            _ = try server.ask("CONFIG SET maxmemory 0")
            try await rig.wait(forRouteTo: "o", of: "u", on: actor)
        }
    }

    @Test("what Redis says and cannot be is no route")
    func hostile() async throws {
        try await StoreRig.with(.redis, origins: ["o"]) { actor, rig in
            let route = S.route("good", "o")
            let names = SharedNames(prefix: "test:")
            let server = try #require(rig.server)
            let bad = [
                ("a b", route.sharedOwner), (String(repeating: "x", count: 257), route.sharedOwner),
                ("", route.sharedOwner),
                ("one", "o"), ("more", "\(route.sharedOwner)\n"), ("none", ""), ("good", route.sharedOwner),
            ]
            let table = SharedTable(routeOf: route.key)
            for (member, value) in bad {
                let keys = names.keys(of: table).map(\.text)
                let answer = try server.ask(
                    ["EVAL", SharedScripts.set.source, "5"] + keys
                        + [names.channel, table.name, "60000", member, value, "60000", "0"])
                #expect(answer.hasPrefix("$"))
            }
            try await rig.wait(forRouteTo: "o", of: "good", on: actor)
            #expect(rig.stores.allSatisfy { $0.routeCounts[.webRTC]?.present == 1 })
        }
    }
}

extension StoreRig {
    fileprivate func origin(of text: String, at proxy: Int, on actor: isolated LoopActor) -> String? {
        stores[proxy].origin(of: Samples.routeKey(text), at: actor.loop.now)?.id.text
    }

    /// Waits until a route leads there at every proxy.
    fileprivate func wait(forRouteTo origin: String?, of text: String, on actor: isolated LoopActor) async throws {
        try await actor.wait(for: "\(text) at \(origin ?? "nobody")") {
            self.stores.indices.allSatisfy { self.origin(of: text, at: $0, on: actor) == origin }
        }
    }
}
