import Glibc
import Synchronization
import TestKit
import Testing

@testable import Reactor

@Suite("BlockingPool")
struct BlockingPoolTests {
    private static func pool(
        threads: Int = 1, waiting: Int = 100, name: String = "pool"
    ) throws -> BlockingPool {
        var limits = BlockingPool.Limits()
        limits.threads = threads
        limits.maximumWaiting = waiting
        return try BlockingPool(name: name, limits: limits)
    }

    private static var threadName: String { name(of: "/proc/thread-self") }

    /// The name of a thread by its folder in /proc.
    private static func name(of folder: String) -> String {
        guard let file = fopen(folder + "/comm", "r") else { return "" }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 32)
        guard fgets(&text, 32, file) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// How many threads of this process have names that begin like this.
    private static func threads(named prefix: String) -> Int {
        guard let directory = opendir("/proc/self/task") else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            let task = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name(of: "/proc/self/task/\(task)").hasPrefix(prefix) { count += 1 }
        }
        return count
    }

    @Test("jobs run in order on threads with the pool's name")
    func order() async throws {
        let pool = try Self.pool(waiting: 1_000, name: "ordered")
        defer { pool.shutdown() }
        let log = EventLog<String>()
        for number in 0..<1_000 { try pool.submit { _ in log.append("\(number) \(Self.threadName)") } }
        let seen = try await log.wait(count: 1_000)
        #expect(seen == (0..<1_000).map { "\($0) ordered-0" })
    }

    @Test("as many jobs run at once as there are threads")
    func parallel() async throws {
        let pool = try Self.pool(threads: 3)
        let gate = Gate()
        for _ in 0..<5 { try pool.submit { _ in gate.pass() } }
        #expect(await eventually { gate.entries == 3 })
        gate.open()
        #expect(pool.shutdown())
        #expect(gate.entries == 5)
    }

    @Test("a full queue refuses, and takes jobs again when there is room")
    func full() async throws {
        let pool = try Self.pool(waiting: 2)
        let gate = Gate()
        let log = EventLog<Int>()
        try pool.submit { _ in gate.pass() }
        #expect(await eventually { gate.entries == 1 })
        for number in 0..<2 { try pool.submit { _ in log.append(number) } }
        for _ in 0..<3 { #expect(throws: BlockingPoolError.full) { try pool.submit { _ in log.append(99) } } }
        await #expect(throws: BlockingPoolError.full) { try await pool.run { 1 } }
        gate.open()
        try await log.wait(count: 2)
        let answer = try await pool.run { 42 }
        #expect(answer == 42)
        pool.shutdown()
        #expect(log.events == [0, 1])
    }

    @Test("shutdown runs what waits, ends the threads, and refuses from then on")
    func shutdown() async throws {
        let pool = try Self.pool(threads: 2, name: "ending")
        let gate = Gate()
        let log = EventLog<BlockingPool.Turn>()
        for _ in 0..<2 { try pool.submit { _ in gate.pass() } }
        for _ in 0..<10 { try pool.submit { turn in log.append(turn) } }
        #expect(await eventually { gate.entries == 2 })
        gate.open()
        #expect(pool.shutdown())
        #expect(log.events == Array(repeating: .run, count: 10))
        #expect(Self.threads(named: "ending") == 0)
        #expect(throws: BlockingPoolError.shutDown) { try pool.submit { turn in log.append(turn) } }
        #expect(pool.shutdown())
    }

    @Test("a thread that does not return holds shutdown up only for its bound, and what waits hears that it is dropped")
    func stuck() async throws {
        let pool = try Self.pool(name: "stuck")
        let gate = Gate()
        let log = EventLog<BlockingPool.Turn>()
        try pool.submit { _ in gate.pass() }
        for _ in 0..<3 { try pool.submit { turn in log.append(turn) } }
        let waiting = Task { try await pool.run { 1 } }
        #expect(await eventually { gate.entries == 1 })
        #expect(!pool.shutdown(within: .milliseconds(20)))
        #expect(log.events == Array(repeating: .dropped, count: 3))
        await #expect(throws: BlockingPoolError.shutDown) { try await waiting.value }
        gate.open()
        #expect(await eventually { Self.threads(named: "stuck") == 0 })
    }

    @Test("a pool that is let go runs what waits and ends its threads")
    func released() async throws {
        let log = EventLog<Int>()
        do {
            let pool = try Self.pool(threads: 3, name: "released")
            for number in 0..<20 { try pool.submit { _ in log.append(number) } }
        }
        try await log.wait(count: 20)
        #expect(await eventually { Self.threads(named: "released") == 0 })
    }
}

@Suite("BlockingPool and loops")
struct BlockingPoolLoopTests {
    let pool: BlockingPool

    init() throws { pool = try BlockingPool(name: "pool") }

    @Test("a task is resumed on its loop")
    func resumes() async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let pool = self.pool
        let places = try await group.loops[0].run { actor in
            var onLoop = 0
            for _ in 0..<50 {
                let away = try await pool.run { actor.handle.isCurrent }
                if !away, actor.handle.isCurrent { onLoop += 1 }
            }
            return onLoop
        }.value
        #expect(places == 50)
    }

    @Test("an answer comes on the loop once, also where its mailbox is full")
    func fullMailbox() async throws {
        var limits = LoopLimits()
        limits.maximumMail = 4
        let group = try LoopGroup(count: 1, limits: limits)
        defer { group.shutdown() }
        let (pool, gate, log) = (self.pool, Gate(), EventLog<Int>())
        group.handles[0].submit { loop in
            for number in 0..<50 {
                pool.run(on: loop, { number }) { result in
                    #expect(loop.handle.isCurrent)
                    log.append((try? result.get()) ?? -1)
                }
            }
            gate.pass()
        }
        #expect(await eventually { gate.entries == 1 })
        while group.handles[0].submit({ _ in }) {}
        let task = group.loops[0].run { _ in try await pool.run { 7 } }
        gate.open()
        let seen = try await log.wait(count: 50)
        #expect(seen.sorted() == Array(0..<50))
        #expect(try await task.value == 7)
    }

    @Test("a refusal comes by the callback too, and not inside the call")
    func refusal() async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        pool.shutdown()
        let (pool, log) = (self.pool, EventLog<String>())
        try await group.onLoop { loop in
            pool.run(on: loop, { 1 }) { result in
                #expect(result == .failure(.shutDown))
                log.append("told")
            }
            log.append("called")
        }
        let seen = try await log.wait(count: 2)
        #expect(seen == ["called", "told"])
    }

    @Test("a loop that ends answers for what is still under way")
    func loopEnds() async throws {
        let group = try LoopGroup(count: 1)
        let (pool, gate, log) = (self.pool, Gate(), EventLog<Result<Int, BlockingPoolError>>())
        try await group.onLoop { loop in
            pool.run(
                on: loop,
                {
                    gate.pass()
                    return 1
                }
            ) { log.append($0) }
        }
        #expect(await eventually { gate.entries == 1 })
        group.shutdown()
        #expect(log.events == [.failure(.shutDown)])
        gate.open()
        #expect(pool.shutdown())
        #expect(log.events.count == 1)
    }

    @Test("a ticket that is forgotten does nothing, and one call uses it up")
    func tickets() async throws {
        let group = try LoopGroup(count: 1)
        let log = EventLog<Int>()
        let (kept, forgotten) = try await group.onLoop { loop in
            let kept = loop.callback { (value: Int) in log.append(value) }
            let forgotten = loop.callback { (value: Int) in log.append(-value) }
            loop.forget(forgotten)
            return (kept, forgotten)
        }
        #expect(forgotten.call(1))
        #expect(kept.call(2))
        #expect(kept.call(3))
        group.shutdown()
        #expect(log.events == [2])
        #expect(!kept.call(4))
    }
}
