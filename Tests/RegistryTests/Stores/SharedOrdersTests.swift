import Bytes
import LoopKit
import Reactor
import Synchronization
import TestKit
import Testing

@testable import Registry

@Suite("What operators order while Redis does not listen", .timeLimit(.minutes(5)))
struct SharedOrdersTests {
    private typealias S = Samples
    private let id = OriginID("o")

    /// Runs `body` when Redis, which knows the origin, is away, and the second proxy was told to deregister it.
    private func withDeregistered(
        _ body: @escaping @Sendable (isolated LoopActor, StoreRig) async throws -> Void
    ) async throws {
        try await StoreRig.with(.redis, origins: [id.text], keepsData: true) { actor, rig in
            try await rig.killServer(on: actor)
            try rig.stores[1].deregister(id, at: actor.loop.now)
            try await body(actor, rig)
        }
    }

    @Test(
        "is told when Redis is back, with its data or without, and never undone before", arguments: [true, false],
        [0, 1])
    func away(keepsData: Bool, orderer: Int) async throws {
        // All beat at the first proxy.
        let origins = ["drained", "undrained", "gone", "other"]
        try await StoreRig.with(.redis, origins: origins, keepsData: keepsData) { actor, rig in
            for name in ["undrained", "other"] { try rig.stores[0].drain(OriginID(name), true, at: actor.loop.now) }
            try await actor.wait(for: "drained") { rig.drained(at: 0...1) == ["undrained", "other"] }
            try await rig.killServer(on: actor)
            let store = rig.stores[orderer]
            try store.drain(OriginID("drained"), true, at: actor.loop.now)
            try store.drain(OriginID("undrained"), false, at: actor.loop.now)
            try store.deregister(OriginID("gone"), at: actor.loop.now)
            try rig.server?.restart()
            let isObeyed = { (proxies: ClosedRange<Int>) in
                rig.drained(at: proxies) == ["drained", "other"]
                    && proxies.allSatisfy { rig.stores[$0].origins[OriginID("gone")] == nil }
            }
            while !rig.areFresh(at: actor.loop.now) {
                try #require(isObeyed(orderer...orderer), "undone")
                await actor.pause(for: .milliseconds(1))
            }
            try await actor.wait(for: "everybody") { isObeyed(0...1) }
            try await actor.wait(for: "confirmations") { store.owedOrders == 0 }
            // Whatever was still under way: a proxy that comes to know Redis now sees the same.
            let server = try #require(rig.server)
            try await actor.wait(for: "Redis") {
                (try? server.ask(["HEXISTS", "test:1:{drained}:values", "undrained"])) == ":0\r\n"
                    && (try? server.ask(["HLEN", "test:1:{drained}:values"])) == ":2\r\n"
                    && (try? server.ask(["HEXISTS", "test:1:{origins}:values", "gone"])) == ":0\r\n"
            }
            #expect(isObeyed(0...1))
        }
    }

    @Test("an origin that has beaten after it was deregistered stays, whichever proxy it told", arguments: [0, 1])
    func beatsOn(proxy: Int) async throws {
        try await withDeregistered { actor, rig in
            await actor.pause(for: .seconds(2))
            _ = try rig.stores[proxy].beat(S.heartbeat("o"), at: actor.loop.now)
            await actor.pause(for: .seconds(2))
            try rig.server?.restart()
            while !rig.areFresh(at: actor.loop.now) {
                try #require(rig.stores[proxy].origins[id] != nil)
                await actor.pause(for: .milliseconds(1))
            }
            try await actor.wait(for: "the origin") { rig.stores.allSatisfy { $0.origins[id] != nil } }
            try await actor.wait(for: "confirmations") { rig.stores[1].owedOrders == 0 }
            try await actor.wait(for: "the origin again") { rig.stores.allSatisfy { $0.origins[id] != nil } }
        }
    }

    @Test("one that was deregistered comes back with its next beat, where others had heard it before")
    func comesBack() async throws {
        try await withDeregistered { actor, rig in
            try rig.server?.restart()
            try await actor.wait(for: "its end") { rig.stores.allSatisfy { $0.origins[id] == nil } }
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            _ = try rig.stores[0].beat(S.heartbeat("o"), at: actor.loop.now)
            try await actor.wait(for: "the origin") { rig.stores.allSatisfy { $0.origins[id] != nil } }
        }
    }

    @Test("is told again where Redis has refused it, and claims that were given back as well")
    func refused() async throws {
        try await StoreRig.with(.redis, origins: ["o"]) { actor, rig in
            let claim = try await rig.stores[0].claim(S.request("a", "o"), on: actor).get()
            try await rig.wait(for: claim, of: "a", on: actor)
            let server = try #require(rig.server)
            _ = try server.ask("CONFIG SET maxmemory 1")
            try rig.stores[0].drain(id, true, at: actor.loop.now)
            rig.stores[0].release(claim, on: actor.loop)
            await actor.pause(for: .milliseconds(500))
            #expect(rig.drained(at: 0...0) == ["o"] && rig.drained(at: 1...1) == [])
            #expect(rig.stores[0].owedOrders == 1)
            _ = try server.ask("CONFIG SET maxmemory 0")
            try await actor.wait(for: "drained") { rig.drained(at: 0...1) == ["o"] }
            try await rig.wait(for: nil, of: "a", on: actor)
        }
    }
}

extension SharedOrdersTests {
    @Test(
        "what origins have said of their end is told as well, and holds for the start that has said it",
        arguments: [0, 1])
    func farewell(proxy: Int) async throws {
        try await StoreRig.with(.redis, keepsData: true) { actor, rig in
            try await rig.register(["gone", "restarted", "other"], on: actor)
            let claim = try await rig.stores[0].claim(S.request("a", "gone"), on: actor).get()
            try await rig.wait(for: claim, of: "a", on: actor)
            try await rig.killServer(on: actor)
            // Of this one the other proxy cannot know.
            _ = try await rig.stores[0].claim(S.request("b", "gone"), on: actor).get()
            let (store, another) = (rig.stores[proxy], rig.stores[1 - proxy])
            for name in ["gone", "restarted"] {
                #expect(try store.beat(S.heartbeat(name, state: .gone), at: actor.loop.now) == .left)
            }
            _ = try another.beat(S.heartbeat("restarted", service: "s2"), at: actor.loop.now)
            try rig.server?.restart()
            while !rig.areFresh(at: actor.loop.now) {
                try #require(store.origins[OriginID("gone")] == nil, "undone")
                await actor.pause(for: .milliseconds(1))
            }
            try await actor.wait(for: "everybody") {
                rig.stores.allSatisfy { store in
                    store.origins[OriginID("gone")] == nil && store.origins.count == 2
                        && store.origins[OriginID("restarted")]?.instance == S.instance("s2")
                }
            }
            try await actor.wait(for: "confirmations") { store.owedOrders == 0 }
            try await rig.wait(for: nil, of: "a", on: actor)
            #expect(try await rig.stores[1].claim(S.request("a", "other"), on: actor).get() != claim)
            let until = actor.loop.now + .seconds(15)
            while case .failure(let error) = await rig.stores[1].claim(S.request("b", "other"), on: actor) {
                try #require(actor.loop.now < until, "\(error)")
                await actor.pause(for: .milliseconds(10))
            }
            #expect(rig.stores.allSatisfy { $0.origins.count == 2 })
        }
    }
}

extension StoreRig {
    /// Origins that every one of some proxies has as drained; nil where they do not agree.
    fileprivate func drained(at proxies: ClosedRange<Int>) -> Set<String>? {
        let sets = Set(proxies.map { Set(stores[$0].origins.all.filter(\.isDrained).map(\.id.text)) })
        return sets.count == 1 ? sets.first : nil
    }
}

extension RegistryStore {
    fileprivate var owedOrders: Int? { (self as? SharedRegistry)?.ledger.withLock(\.orders.count) }
}

@Suite("OwedOrders")
struct OwedOrdersTests {
    private typealias S = Samples
    private let id = OriginID("o")

    @Test("of each origin the last order of each kind is told, and told again until it is confirmed")
    func last() {
        var orders = OwedOrders(maximum: 10)
        orders.owe(.drain, of: id, at: S.at(0))
        orders.owe(.deregister, of: id, at: S.at(1))
        orders.owe(.undrain, of: id, at: S.at(2))
        let first = orders.begin()
        #expect(first.map(\.kind) == [.deregister, .undrain] && first.map(\.given) == [S.at(1), S.at(2)])
        let none = orders.begin()
        #expect(none.isEmpty && orders.count == 2)
        orders.failed(first[0])
        #expect(orders.confirmed(first[1], at: 7) == false)
        let again = orders.begin()
        #expect(again.map(\.kind) == [.deregister] && again.allSatisfy(\.hasFailed))
    }

    @Test("what comes of an order says nothing of a later one")
    func later() {
        var orders = OwedOrders(maximum: 10)
        orders.owe(.drain, of: id, at: S.at(0))
        let first = orders.begin()
        orders.owe(.undrain, of: id, at: S.at(1))
        let second = orders.begin()
        orders.failed(first[0])
        #expect(orders.confirmed(first[0], at: nil) == false && orders.count == 1)
        #expect(orders.confirmed(second[0], at: nil) == false && orders.count == 0)
    }

    @Test("what is heard is left until the version that the order has made is known")
    func hiding() {
        var orders = OwedOrders(maximum: 10)
        orders.owe(.drain, of: id, at: S.at(0))
        let others = [orders.hides(id, in: .origins), orders.hides(OriginID("p"), in: .drained)]
        #expect(others == [false, false])
        orders.settle(.drained, upTo: 100)
        #expect(orders.hides(id, in: .drained) == true)
        #expect(orders.confirmed(orders.begin()[0], at: 7) == true, "it may be later than the order")
        orders.settle(.drained, upTo: 6)
        orders.settle(.origins, upTo: 7)
        #expect(orders.hides(id, in: .drained) == true)
        orders.settle(.drained, upTo: 7)
        #expect(orders.hides(id, in: .drained) == false)
    }

    @Test("what was left because of an order that is void is to be read again")
    func left() {
        var orders = OwedOrders(maximum: 10)
        orders.owe(.deregister, of: id, at: S.at(0))
        let order = orders.begin()[0]
        #expect(orders.hides(id, in: .origins) == true)
        #expect(orders.confirmed(order, at: nil) == true && orders.isEmpty)
    }

    @Test("one that was confirmed and not read is told again where the link was down")
    func restart() {
        var orders = OwedOrders(maximum: 10)
        orders.owe(.drain, of: id, at: S.at(0))
        #expect(orders.confirmed(orders.begin()[0], at: 7) == false)
        let none = orders.begin()
        orders.restart()
        let again = orders.begin()
        #expect(none.isEmpty && again.map(\.kind) == [.drain])
    }

    @Test("a beat makes a deregistration void, and nothing else")
    func void() {
        var orders = OwedOrders(maximum: 10)
        orders.owe(.drain, of: id, at: S.at(0))
        orders.owe(.deregister, of: id, at: S.at(0))
        orders.voidRemoval(of: id)
        #expect(orders.begin().map(\.kind) == [.drain])
    }

    @Test("beyond the bound the first one is told no more")
    func bound() {
        var orders = OwedOrders(maximum: 2)
        for name in ["a", "b", "b", "c"] { orders.owe(.drain, of: OriginID(name), at: S.at(0)) }
        #expect(orders.begin().map(\.origin.text) == ["b", "c"])
    }
}
