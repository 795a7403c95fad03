import Bytes
import Synchronization
import TestKit
import Testing

@testable import Reactor

/// A lookup that a test controls: it counts, and holds where it is told to.
private final class FakeLookup: Sendable {
    private struct State {
        var asked: [String] = []
        var answers: [String: DNSAnswer] = [:]
        var gates: [String: Gate] = [:]
    }

    private let state = Mutex(State())
    let clock = ManualClock()

    var asked: [String] { state.withLock { $0.asked } }

    func answer(_ name: String, _ answer: DNSAnswer) { state.withLock { $0.answers[name] = answer } }

    /// Lookups of `name` wait at the gate that this returns.
    func hold(_ name: String) -> Gate {
        let gate = Gate()
        state.withLock { $0.gates[name] = gate }
        return gate
    }

    func resolver(_ change: (inout Resolver.Limits) -> Void = { _ in }) throws -> Resolver {
        var limits = Resolver.Limits()
        // Longer than any test takes, unless it is about that.
        limits.timeout = .seconds(3_600)
        change(&limits)
        let clock = self.clock
        return try Resolver(limits: limits, clock: { clock.now }, lookup: { self.lookup($0) })
    }

    private func lookup(_ name: String) -> DNSAnswer {
        let (gate, answer) = state.withLock { state in
            state.asked.append(name)
            return (state.gates[name], state.answers[name] ?? .success([.v4(0x0A00_0001)]))
        }
        gate?.pass()
        return answer
    }
}

private final class ManualClock: Sendable {
    private let time = Mutex(Instant(nanoseconds: 1_000_000_000_000))
    var now: Instant { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

@Suite("Resolver")
struct ResolverTests {
    private let group: LoopGroup
    private let fake = FakeLookup()

    init() throws { group = try LoopGroup(count: 2) }

    private func resolve(
        _ name: String, port: UInt16 = 80, with resolver: Resolver, loop: Int = 0
    ) async throws -> [SocketAddress] {
        try await group.loops[loop].run { actor in
            try await resolver.resolve(name, port: port, on: actor)
        }.value
    }

    @Test("addresses come in the order of the lookup, of both families, with the port, on the caller's loop")
    func answers() async throws {
        defer { group.shutdown() }
        fake.answer("a.example", .success([.v6(high: 1, low: 2, scope: 0), .v4(0x0A00_0001), .v4(0x0A00_0002)]))
        let resolver = try fake.resolver()
        let log = EventLog<[String]>()
        try await group.onLoop { loop in
            resolver.resolve("A.example", port: 1935, on: loop) { result in
                #expect(loop.handle.isCurrent)
                log.append((try? result.get())?.map(\.description) ?? ["failed"])
            }
            #expect(log.events.isEmpty, "not inside the call")
        }
        let seen = try await log.wait(count: 1)
        #expect(seen == [["[::1:0:0:0:2]:1935", "10.0.0.1:1935", "10.0.0.2:1935"]])
    }

    @Test(
        "a literal is its own answer, without a thread",
        arguments: [("10.1.2.3", "10.1.2.3:80"), ("::1", "[::1]:80"), ("2001:db8::7", "[2001:db8::7]:80")])
    func literals(text: String, address: String) async throws {
        defer { group.shutdown() }
        let resolver = try fake.resolver()
        #expect(try await resolve(text, with: resolver).map(\.description) == [address])
        #expect(fake.asked.isEmpty)
    }

    @Test("what is no name is refused, without a thread", arguments: ["", "a b", "127.1", "x..y"])
    func invalid(text: String) async throws {
        defer { group.shutdown() }
        let resolver = try fake.resolver()
        await #expect(throws: DNSError.invalidName) { try await resolve(text, with: resolver) }
        #expect(fake.asked.isEmpty)
    }

    @Test("an answer is kept for its time, a missing name for a shorter one, other failures not at all")
    func cache() async throws {
        defer { group.shutdown() }
        fake.answer("gone.example", .failure(.notFound))
        fake.answer("bad.example", .failure(.temporary))
        let resolver = try fake.resolver()
        for _ in 0..<3 {
            _ = try await resolve("a.example", with: resolver)
            await #expect(throws: DNSError.notFound) { try await resolve("gone.example", with: resolver) }
            await #expect(throws: DNSError.temporary) { try await resolve("bad.example", with: resolver) }
        }
        #expect(fake.asked == ["a.example", "gone.example", "bad.example", "bad.example", "bad.example"])
        fake.clock.advance(by: .seconds(6))
        _ = try await resolve("a.example", with: resolver)
        await #expect(throws: DNSError.notFound) { try await resolve("gone.example", with: resolver) }
        #expect(fake.asked.count { $0 == "a.example" } == 1)
        #expect(fake.asked.count { $0 == "gone.example" } == 2)
        fake.clock.advance(by: .seconds(25))
        _ = try await resolve("a.example", with: resolver)
        #expect(fake.asked.count { $0 == "a.example" } == 2)
    }

    @Test("callers of one name on all loops share one lookup")
    func collapse() async throws {
        defer { group.shutdown() }
        let gate = fake.hold("a.example")
        let resolver = try fake.resolver()
        let log = EventLog<DNSError?>()
        for index in 0..<100 {
            try await group.onLoop(index % 2) { loop in
                _ = resolver.resolve(index % 3 == 0 ? "A.EXAMPLE" : "a.example", port: 1, on: loop) { result in
                    if case .failure(let error) = result { log.append(error) } else { log.append(nil) }
                }
            }
        }
        gate.open()
        let seen = try await log.wait(count: 100)
        #expect(seen.allSatisfy { $0 == nil })
        #expect(fake.asked == ["a.example"])
    }

    @Test("a lookup that takes too long is answered with a timeout, and its late answer is still of use")
    func timeout() async throws {
        defer { group.shutdown() }
        let gate = fake.hold("slow.example")
        let resolver = try fake.resolver { $0.timeout = .milliseconds(20) }
        repeat {
            await #expect(throws: DNSError.timeout) { try await resolve("slow.example", with: resolver) }
        } while gate.entries == 0
        gate.open()
        resolver.shutdown()
        #expect(try await resolve("slow.example", with: resolver).count == 1)
        #expect(fake.asked == ["slow.example"])
    }

    @Test("one stuck name leaves the other threads to other names; with every thread stuck new names are refused")
    func stuck() async throws {
        defer { group.shutdown() }
        let gates = ["one.example", "two.example"].map(fake.hold)
        let resolver = try fake.resolver { limits in
            limits.threads = 2
            limits.timeout = .seconds(1)
        }
        repeat {
            await #expect(throws: DNSError.timeout) { try await resolve("one.example", with: resolver) }
        } while gates[0].entries == 0
        #expect(try await resolve("fine.example", with: resolver).count == 1)
        repeat {
            await #expect(throws: DNSError.timeout) { try await resolve("two.example", with: resolver) }
        } while gates[1].entries == 0
        // Both threads are held, for longer than anyone waits once the clock says so.
        #expect(await eventually { gates.allSatisfy { $0.entries == 1 } })
        fake.clock.advance(by: .milliseconds(1_001))
        await #expect(throws: DNSError.overloaded) { try await resolve("new.example", with: resolver) }
        #expect(try await resolve("fine.example", with: resolver).count == 1, "the cache still answers")
        for gate in gates { gate.open() }
        #expect(resolver.shutdown(), "late answers free the threads")
        #expect(fake.asked == ["one.example", "fine.example", "two.example"])
    }

    @Test("more names than may wait, and more callers of one name, are refused")
    func bounds() async throws {
        defer { group.shutdown() }
        let gate = fake.hold("one.example")
        let resolver = try fake.resolver { limits in
            limits.threads = 1
            limits.maximumQueries = 2
            limits.maximumWaiters = 3
        }
        let log = EventLog<String>()
        try await group.onLoop { loop in
            for name in ["one.example", "two.example", "three.example"] + Array(repeating: "one.example", count: 3) {
                resolver.resolve(name, port: 1, on: loop) { result in
                    if case .failure(let error) = result { log.append("\(name) \(error)") } else { log.append(name) }
                }
            }
        }
        let refused = try await log.wait(count: 2)
        #expect(refused == ["three.example overloaded", "one.example overloaded"])
        gate.open()
        let all = try await log.wait(count: 6)
        #expect(all.dropFirst(2).sorted() == ["one.example", "one.example", "one.example", "two.example"])
    }

    @Test("a name whose callers have all gone before a thread was free is not looked up")
    func abandoned() async throws {
        defer { group.shutdown() }
        let gate = fake.hold("one.example")
        let resolver = try fake.resolver { $0.threads = 1 }
        let log = EventLog<String>()
        try await group.onLoop { loop in
            resolver.resolve("one.example", port: 1, on: loop) { _ in log.append("one") }
            let second = resolver.resolve("two.example", port: 1, on: loop) { result in
                #expect(result == .failure(.cancelled))
                log.append("two")
            }
            resolver.resolve("three.example", port: 1, on: loop) { _ in log.append("three") }
            second.cancel()
            second.cancel()
        }
        try await log.wait(for: "two")
        gate.open()
        try await log.wait(for: "three")
        #expect(fake.asked == ["one.example", "three.example"])
        #expect(log.events == ["two", "one", "three"])
    }

    @Test("cancelling a task ends its wait")
    func cancelledTask() async throws {
        defer { group.shutdown() }
        let gate = fake.hold("one.example")
        let resolver = try fake.resolver()
        let task = group.loops[0].run { actor in try await resolver.resolve("one.example", port: 1, on: actor) }
        #expect(await eventually { gate.entries == 1 })
        task.cancel()
        await #expect(throws: DNSError.cancelled) { try await task.value }
        gate.open()
    }

    @Test("a loop that ends answers its callers, a resolver that ends refuses")
    func ends() async throws {
        let gate = fake.hold("one.example")
        let resolver = try fake.resolver()
        let log = EventLog<Result<[SocketAddress], DNSError>>()
        try await group.onLoop { loop in
            _ = resolver.resolve("one.example", port: 1, on: loop) { log.append($0) }
        }
        let task = group.loops[1].run { actor in try await resolver.resolve("one.example", port: 1, on: actor) }
        #expect(await eventually { gate.entries == 1 })
        // Both are known to wait: the task's question was asked before this message is run.
        try await group.onLoop(1) { _ in }
        group.shutdown()
        #expect(log.events == [.failure(.shutDown)])
        await #expect(throws: DNSError.shutDown) { try await task.value }
        gate.open()
        resolver.shutdown()
        let other = try LoopGroup(count: 1)
        defer { other.shutdown() }
        let late = other.loops[0].run { actor in try await resolver.resolve("new.example", port: 1, on: actor) }
        await #expect(throws: DNSError.shutDown) { try await late.value }
    }

    @Test("the system's resolver knows localhost")
    func localhost() async throws {
        defer { group.shutdown() }
        let resolver = try Resolver()
        let addresses = try await resolve("localhost", port: 8_080, with: resolver)
        #expect(!addresses.isEmpty)
        for address in addresses {
            #expect([.loopback(port: 8_080), .loopback6(port: 8_080)].contains(address))
        }
    }
}
