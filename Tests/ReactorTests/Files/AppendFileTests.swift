import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("AppendFile")
struct AppendFileTests {
    let folder: TemporaryDirectory
    let pool: BlockingPool
    let files: FileIO

    init() throws {
        folder = try TemporaryDirectory()
        var limits = BlockingPool.Limits()
        limits.threads = 2
        pool = try BlockingPool(name: "append", limits: limits)
        files = FileIO(pool: pool)
    }

    private func open(
        _ path: String, _ change: (inout AppendFile.Options) -> Void = { _ in }
    ) async throws -> AppendFile {
        var options = AppendFile.Options()
        change(&options)
        return try await files.run(.openForAppending(path, options: options, pool: pool))
    }

    /// Holds every thread of the pool at the gate that it returns.
    private func hold() async throws -> Gate {
        let gate = Gate()
        for _ in 0..<pool.limits.threads { try pool.submit { _ in gate.pass() } }
        #expect(await eventually { gate.entries == pool.limits.threads })
        return gate
    }

    @Test("what a loop appends lies in the file in the order of the calls, and is told in that order")
    func order() async throws {
        let file = try await open(folder / "log")
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let log = EventLog<Int>()
        try await group.onLoop { loop in
            for number in 0..<2_000 {
                file.append(SharedBytes("\(number)\n"), on: loop) { result in
                    #expect(loop.handle.isCurrent)
                    if case .success = result { log.append(number) }
                }
            }
            #expect(log.events.isEmpty, "not inside the call")
        }
        let told = try await log.wait(count: 2_000)
        #expect(told == Array(0..<2_000))
        let expected = (0..<2_000).map { "\($0)\n" }.joined()
        #expect(try folder.read("log") == Array(expected.utf8))
        #expect(file.pendingBytes == 0)
    }

    @Test("appends from many tasks do not mix, and each task's own stay in order", arguments: [false, true])
    func concurrent(isDurable: Bool) async throws {
        let file = try await open(folder / "log") { $0.isDurable = isDurable }
        let count = isDurable ? 20 : 300
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for task in 0..<8 {
                tasks.addTask {
                    for number in 0..<count {
                        let filling = String(repeating: "x", count: number % 97)
                        try await file.append(SharedBytes("\(task) \(number) \(filling)\n"))
                    }
                }
            }
            try await tasks.waitForAll()
        }
        try await file.close()
        let lines = String(decoding: try folder.read("log"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 8 * count)
        var next = Array(repeating: 0, count: 8)
        for line in lines {
            let parts = line.split(separator: " ")
            let (task, number) = (Int(parts[0])!, Int(parts[1])!)
            #expect(number == next[task])
            #expect(parts.count == (number % 97 == 0 ? 2 : 3))
            next[task] = number + 1
        }
    }

    @Test("an existing file is continued")
    func continues() async throws {
        let path = try folder.write("log", Array("before ".utf8))
        let file = try await open(path)
        try await file.append(SharedBytes("after"))
        #expect(try folder.read("log") == Array("before after".utf8))
    }

    @Test("at its bound it refuses, keeps what it has taken, and takes more when that is written")
    func bound() async throws {
        let file = try await open(folder / "log") { options in
            options.maximumPending = 1_000
            options.maximumWrites = 5
        }
        let gate = try await hold()
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let log = EventLog<FileError.Cause?>()
        func append(_ bytes: SharedBytes) async throws {
            try await group.onLoop { loop in
                file.append(bytes, on: loop) { result in
                    if case .failure(let error) = result { log.append(error.cause) } else { log.append(nil) }
                }
            }
        }
        let block = SharedBytes([UInt8](repeating: 65, count: 400))
        for _ in 0..<3 { try await append(block) }
        try await log.wait(for: .overloaded)
        for _ in 0..<4 { try await append(SharedBytes("b")) }
        try await log.wait(count: 2)
        #expect(log.events == [.overloaded, .overloaded], "one too many bytes, then one too many writes")
        #expect(file.pendingBytes == 803)
        try await append(SharedBytes([UInt8](repeating: 0, count: 1_001)))
        try await log.wait(for: .tooLarge(maximum: 1_000))
        gate.open()
        try await log.wait(count: 8)
        #expect(log.events.dropFirst(3) == [nil, nil, nil, nil, nil])
        #expect(try folder.read("log") == block.array + block.array + Array("bbb".utf8))
        try await append(SharedBytes("more"))
        try await log.wait(count: 9)
        #expect(log.events.last == .some(nil))
    }

    @Test("a write that fails fails everything after it, with the system's reason")
    func failure() async throws {
        let file = try await open("/dev/full")
        let full = FileError(path: "/dev/full", cause: .system(SystemError("writev", ENOSPC)))
        await #expect(throws: full) { try await file.append(SharedBytes("x")) }
        await #expect(throws: full) { try await file.append(SharedBytes("y")) }
        await #expect(throws: full) { try await file.append(.empty) }
        #expect(file.pendingBytes == 0)
        await #expect(throws: full) { try await file.close() }
        await #expect(throws: FileError(path: "/dev/full", cause: .closed)) { try await file.append(.empty) }
    }

    @Test("close comes after what waits, and nothing after close")
    func close() async throws {
        let path = folder / "log"
        let file = try await open(path)
        let gate = try await hold()
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let log = EventLog<String>()
        try await group.onLoop { loop in
            file.append(SharedBytes("last"), on: loop) { _ in log.append("appended") }
            file.close(on: loop) { result in
                if case .success = result { log.append("closed") }
            }
            file.append(SharedBytes("late"), on: loop) { result in
                if case .failure(FileError(path: path, cause: .closed)) = result { log.append("refused") }
            }
            file.close(on: loop) { result in
                if case .failure(FileError(path: path, cause: .closed)) = result { log.append("refused") }
            }
        }
        try await log.wait(count: 2)
        gate.open()
        #expect(try await log.wait(count: 4) == ["refused", "refused", "appended", "closed"])
        #expect(try folder.read("log") == Array("last".utf8))
    }

    @Test("a pool that has no thread for it refuses, and a later append works")
    func poolFull() async throws {
        var limits = BlockingPool.Limits()
        limits.threads = 1
        limits.maximumWaiting = 1
        let small = try BlockingPool(name: "small", limits: limits)
        let path = folder / "log"
        let file = try await files.run(.openForAppending(path, pool: small))
        let gate = Gate()
        try small.submit { _ in gate.pass() }
        #expect(await eventually { gate.entries == 1 })
        let log = EventLog<BlockingPool.Turn>()
        try small.submit { turn in log.append(turn) }
        await #expect(throws: FileError(path: path, cause: .overloaded)) { try await file.append(SharedBytes("x")) }
        #expect(file.pendingBytes == 0)
        gate.open()
        try await log.wait(count: 1)
        try await file.append(SharedBytes("y"))
        small.shutdown()
        await #expect(throws: FileError(path: path, cause: .shutDown)) { try await file.append(SharedBytes("z")) }
        #expect(try folder.read("log") == Array("y".utf8))
    }

    @Test("a pool that drops the write says so to everyone who waits")
    func dropped() async throws {
        let path = folder / "log"
        let file = try await open(path)
        let gate = try await hold()
        let tasks = (0..<3).map { _ in Task { try await file.append(SharedBytes("lost")) } }
        #expect(await eventually { file.pendingBytes == 12 })
        #expect(!pool.shutdown(within: .milliseconds(10)))
        for task in tasks { await #expect(throws: FileError(path: path, cause: .shutDown)) { try await task.value } }
        gate.open()
        #expect(try folder.read("log") == [])
    }
}
