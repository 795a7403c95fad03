import Bytes
import Glibc
import Synchronization
import TestKit
import Testing

@testable import Reactor

@Suite("FileIO")
struct FileIOTests {
    let folder: TemporaryDirectory
    let files: FileIO

    init() throws {
        folder = try TemporaryDirectory()
        files = FileIO(pool: try BlockingPool(name: "files"))
    }

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    private func cause(_ path: String, _ body: () async throws -> Void) async -> FileError.Cause? {
        do {
            try await body()
            return nil
        } catch let error as FileError {
            #expect(error.path == path)
            return error.cause
        } catch {
            Issue.record("\(error) is no FileError")
            return nil
        }
    }

    // MARK: - Reading

    @Test("a file is read whole up to its bound", arguments: [0, 1, 4_095, 4_096, 4_097, 100_000, 3_000_000])
    func contents(size: Int) async throws {
        let bytes = Self.bytes(size)
        let path = try folder.write("file", bytes)
        for maximum in [size, size + 1, size * 2 + 10, .max] {
            let read = try await files.run(.contents(of: path, maximum: maximum))
            #expect(read.array == bytes)
        }
        guard size > 0 else { return }
        let cause = await cause(path) { _ = try await files.run(.contents(of: path, maximum: size - 1)) }
        #expect(cause == .tooLarge(maximum: size - 1))
    }

    @Test("a file that says it is empty is read to its end, within the bound")
    func procFiles() async throws {
        let path = "/proc/self/status"
        let read = try await files.run(.contents(of: path, maximum: 100_000))
        #expect(String(copying: read.bytes).contains("Threads:"))
        let cause = await cause(path) { _ = try await files.run(.contents(of: path, maximum: 100)) }
        #expect(cause == .tooLarge(maximum: 100))
    }

    @Test("what is no regular file is refused, without waiting for the other end of a pipe")
    func irregular() async throws {
        let pipe = folder / "pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [folder.path, "/dev/null", pipe] {
            let cause = await cause(path) { _ = try await files.run(.contents(of: path, maximum: 10)) }
            #expect(cause == .notRegular)
        }
    }

    @Test("errors name the path and the call")
    func errors() async throws {
        let missing = folder / "missing"
        let cause = await cause(missing) { _ = try await files.run(.contents(of: missing, maximum: 10)) }
        #expect(cause == .system(SystemError("open", ENOENT)))
        let error = FileError(path: missing, cause: cause!)
        #expect(error.isNotFound)
        #expect(error.description == "\(missing): open: No such file or directory")
        let below = try folder.write("plain", []) + "/x"
        let notDirectory = await self.cause(below) { _ = try await files.run(.status(of: below)) }
        #expect(notDirectory == .system(SystemError("stat", ENOTDIR)))
        let cut = folder / "plain\0/../../etc/passwd"
        #expect(await self.cause(cut) { _ = try await files.run(.status(of: cut)) } == .invalidPath)
    }

    @Test(
        "a range is read as far as the file goes",
        arguments: [
            (0, 10, 0..<10), (90, 10, 90..<100), (95, 10, 95..<100), (100, 5, 100..<100), (101, 5, 100..<100),
            (50, 0, 50..<50), (0, 1_000_000_000_000, 0..<100), (UInt64.max, 5, 100..<100),
            (UInt64.max - 3, 5, 100..<100),
            (UInt64(Int64.max), 5, 100..<100),
        ])
    func ranges(offset: UInt64, count: Int, expected: Range<Int>) async throws {
        let bytes = Self.bytes(100)
        let path = try folder.write("file", bytes)
        let read = try await files.run(.contents(of: path, from: offset, count: count))
        #expect(read.array == Array(bytes[expected]))
    }

    @Test("an open file stays what it was, whatever happens to its path")
    func openFile() async throws {
        let path = try folder.write("file", Self.bytes(1_000))
        let file = try await files.run(.open(path))
        try await files.run(.replace(path, with: SharedBytes("new"), isDurable: false))
        #expect(file.status.size == 1_000)
        let middle = try await files.run(.read(file, from: 500, count: 100))
        #expect(middle.array == Array(Self.bytes(1_000)[500..<600]))
        #expect(try await files.run(.read(file, count: 5_000)).count == 1_000)
        #expect(try folder.read("file") == Array("new".utf8))
    }

    @Test("status tells kind, size, permissions and identity")
    func status() async throws {
        let path = try folder.write("file", Self.bytes(77), permissions: 0o600)
        let status = try await files.run(.status(of: path))
        #expect(status.kind == .regular && status.size == 77 && status.permissions == 0o600)
        #expect(status.modified.seconds > 1_600_000_000)
        let same = try await files.run(.open(path)).status
        #expect(same == status)
        #expect(try await files.run(.status(of: folder.path)).kind == .directory)
        #expect(try await files.run(.status(of: "/dev/null")).kind == .other)
    }

    @Test("names are sorted and bounded")
    func names() async throws {
        let names = ["b", "a", "ü", ".hidden", "c c"]
        for name in names { _ = try folder.write(name, []) }
        #expect(try await files.run(.names(in: folder.path, maximum: 5)) == names.sorted())
        let cause = await cause(folder.path) { _ = try await files.run(.names(in: folder.path, maximum: 4)) }
        #expect(cause == .tooLarge(maximum: 4))
    }

    // MARK: - Replacing

    @Test("readers of a file that is replaced see one whole version or another, never a mixture")
    func atomicReplace() async throws {
        let path = try folder.write("file", [UInt8](repeating: 0, count: 50_000))
        let files = self.files
        let isDone = Mutex(false)
        async let versions = Self.readAgainAndAgain(files, path, until: { isDone.withLock { $0 } })
        for version in 1...200 as ClosedRange<UInt8> {
            let bytes = SharedBytes([UInt8](repeating: version, count: 50_000 + Int(version) * 100))
            try await files.run(.replace(path, with: bytes, isDurable: version % 50 == 0))
        }
        isDone.withLock { $0 = true }
        let seen = try await versions
        #expect(seen.last == 200 && seen == seen.sorted())
        #expect(folder.names == ["file"])
    }

    /// Reads until told to stop, and once more; the versions seen.
    private static func readAgainAndAgain(
        _ files: FileIO, _ path: String, until isDone: @Sendable () -> Bool
    ) async throws -> [UInt8] {
        var seen: [UInt8] = []
        while true {
            let isLast = isDone()
            let bytes = try await files.run(.contents(of: path, maximum: 1_000_000)).array
            #expect(bytes.count == 50_000 + Int(bytes[0]) * 100 && bytes.allSatisfy { $0 == bytes[0] })
            seen.append(bytes[0])
            if isLast { return seen }
        }
    }

    @Test("a replacement that fails leaves nothing behind")
    func failedReplace() async throws {
        #expect(mkdir(folder / "directory", 0o700) == 0)
        let path = folder / "directory"
        let cause = await cause(path) { try await files.run(.replace(path, with: SharedBytes("x"))) }
        #expect(cause == .system(SystemError("rename", EISDIR)))
        #expect(folder.names == ["directory"])
        let nowhere = folder / "missing/file"
        let missing = await self.cause(nowhere) { try await files.run(.replace(nowhere, with: SharedBytes("x"))) }
        #expect(missing == .system(SystemError("open", ENOENT)))
    }

    @Test("a replacement makes the file, with its permissions")
    func replaceNew() async throws {
        let path = folder / "new"
        try await files.run(.replace(path, with: SharedBytes("secret"), permissions: 0o600))
        #expect(try folder.read("new") == Array("secret".utf8))
        #expect(try await files.run(.status(of: path)).permissions == 0o600)
        try await files.run(.replace(path, with: .empty))
        #expect(try await files.run(.status(of: path)).size == 0)
    }

    // MARK: - Bounds

    @Test("a pool that is full or has ended is an error of the file")
    func overloaded() async throws {
        var limits = BlockingPool.Limits()
        limits.threads = 1
        limits.maximumWaiting = 0
        let pool = try BlockingPool(name: "small", limits: limits)
        let files = FileIO(pool: pool)
        let cause = await cause("/x") { _ = try await files.run(.status(of: "/x")) }
        #expect(cause == .overloaded)
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let log = EventLog<FileError?>()
        try await group.onLoop { loop in
            files.run(.status(of: "/y"), on: loop) { result in
                if case .failure(let error) = result { log.append(error) } else { log.append(nil) }
            }
        }
        #expect(try await log.wait(count: 1) == [FileError(path: "/y", cause: .overloaded)])
        pool.shutdown()
        #expect(await self.cause("/z") { _ = try await files.run(.status(of: "/z")) } == .shutDown)
    }

    @Test("a callback gets its answer on the loop")
    func callback() async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let path = try folder.write("file", Array("content".utf8))
        let (files, log) = (self.files, EventLog<String>())
        try await group.onLoop { loop in
            files.run(.contents(of: path, maximum: 100), on: loop) { result in
                #expect(loop.handle.isCurrent)
                log.append((try? result.get()).map { String(copying: $0.bytes) } ?? "failed")
            }
        }
        #expect(try await log.wait(count: 1) == ["content"])
    }
}
