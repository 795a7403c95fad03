import Bytes
import Glibc
import Synchronization
import TestKit
import Testing

@testable import Reactor

@Suite("Finding files below a directory")
struct DirectoryEntryTests {
    let folder: TemporaryDirectory
    private var root: String { folder / "root" }

    init() throws {
        folder = try TemporaryDirectory()
        try #require(mkdir(folder / "root", 0o755) == 0 && mkdir(folder / "root/in", 0o755) == 0)
        _ = try folder.write("secret", Array("secret".utf8))
        _ = try folder.write("root/in/file", Array("inside".utf8))
    }

    private func content(_ path: String) throws(FileError) -> String? {
        guard case .file(let file) = try FileOperation.find(path, below: root).now() else { return nil }
        let bytes = try FileOperation.read(file, count: 100).now()
        return String(copying: bytes.bytes)
    }

    private func cause(_ path: String) -> FileError.Cause? {
        do throws(FileError) { _ = try content(path) } catch { return error.cause }
        return nil
    }

    @Test("files and directories inside are found, through links too")
    func inside() throws {
        try #require(symlink("in/file", folder / "root/link") == 0)
        #expect(
            try content("in/file") == "inside" && content("link") == "inside" && content("in/../in/file") == "inside")
        guard case .directory = try FileOperation.find("in", below: root).now() else {
            Issue.record("not a directory")
            return
        }
    }

    @Test("nothing outside is, whatever leads there")
    func outside() throws {
        try #require(symlink("../secret", folder / "root/out") == 0)
        try #require(symlink(folder / "secret", folder / "root/absolute") == 0)
        for path in ["../secret", "in/../../secret", "out", "absolute", folder / "secret", "/etc/passwd"] {
            #expect(cause(path) == .system(SystemError("openat2", EXDEV)), "\(path)")
        }
        #expect(cause("none") == .system(SystemError("openat2", ENOENT)))
        #expect(cause("in/file/more") == .system(SystemError("openat2", ENOTDIR)))
        #expect(cause("in\0/file") == .invalidPath)
        try #require(mkfifo(folder / "root/pipe", 0o644) == 0)
        #expect(cause("pipe") == .notRegular)
    }

    private final class End: Sendable {
        let hasCome = Atomic(false)
    }

    @Test("a name that somebody exchanges all the time for a link that leads out never leads out")
    func race() async throws {
        try #require(mkdir(folder / "outside", 0o755) == 0)
        _ = try folder.write("outside/file", Array("secret".utf8))
        try #require(symlink("../outside", folder / "root/other") == 0)
        let end = End()
        let (name, inside, outside) = (folder / "root/in", folder / "root/away", folder / "root/other")
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                while !end.hasCome.load(ordering: .relaxed) {
                    for (from, to) in [(name, inside), (outside, name), (name, outside), (inside, name)] {
                        rename(from, to)
                    }
                }
            }
            var (found, refused) = (0, 0)
            var isBroken = false
            while !isBroken, found < 200 || refused < 200 {
                do throws(FileError) {
                    let content = try content("in/file")
                    #expect(content == "inside")
                    isBroken = content != "inside"
                    found += 1
                } catch {
                    switch error.cause {
                    case .system(SystemError("openat2", EXDEV)): refused += 1
                    // Between two renames it is not there; and the kernel gives up where it cannot be sure.
                    case .system(SystemError("openat2", ENOENT)), .system(SystemError("openat2", EAGAIN)): break
                    default:
                        Issue.record("\(error)")
                        isBroken = true
                    }
                }
            }
            end.hasCome.store(true, ordering: .relaxed)
            try await tasks.waitForAll()
        }
    }
}
