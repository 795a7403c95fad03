import Bytes
import Foundation
import HTTP
import Reactor
import TestKit

@testable import HTTPTransport

/// A server of the files of a directory, under `/` and `/pages/`, both compressing, and under `/plain/`, which does
/// not.
final class FilesFixture: Sendable {
    let server: ServerFixture
    let folder: TemporaryDirectory
    let pool: BlockingPool

    /// The directory that is served; beside it there is room for what must not be reached.
    var root: String { folder.path + "/root" }

    init() throws {
        server = try ServerFixture()
        folder = try TemporaryDirectory()
        var limits = BlockingPool.Limits()
        limits.threads = 2
        limits.maximumWaiting = 64
        pool = try BlockingPool(name: "files", limits: limits)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    func stop() {
        server.stop()
        pool.shutdown()
    }

    /// Starts the server and returns its port.
    func start(
        _ options: HTTPServerOptions = HTTPServerOptions(), files: StaticFiles.Options = StaticFiles.Options()
    ) async throws -> UInt16 {
        let files = StaticFiles(directory: root, io: FileIO(pool: pool), options: files)
        return try await server.start(options) { router, server in
            let compressing = RouteOptions(compresses: true)
            func handle(_ request: borrowing RequestHead, _ exchange: HTTPExchange) {
                server.logEnd(of: exchange)
                files.handle(request, exchange)
            }
            router.add(.get, "/pages/*path", "pages", options: compressing, handler: handle)
            router.add(.get, "/plain/*path", "plain", handler: handle)
            router.add(.get, "/*path", "files", options: compressing, handler: handle)
        }
    }

    /// Writes a file below the root, as if that had been done an hour ago; returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], _ name: String, age: TimeInterval = 3_600) throws -> String {
        let url = URL(fileURLWithPath: "\(root)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: url.path)
        return url.path
    }

    /// Whether this process has `path` open.
    static func isOpen(_ path: String) -> Bool {
        let manager = FileManager.default
        let descriptors = (try? manager.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return descriptors.contains { (try? manager.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path }
    }
}

/// Text that gzip makes much smaller, of `count` bytes.
func wordy(_ count: Int) -> [UInt8] {
    var text: [UInt8] = []
    var number = 0
    while text.count < count {
        text += Array("line \(number) of a text that says the same again and again\n".utf8)
        number += 1
    }
    return Array(text[..<count])
}
