import Foundation
import LoopKit
import TestKit
import Testing

@testable import HTTPTransport

@Suite("Static files: what must not be reached", .ownThread)
struct StaticFileEscapeTests {
    let fixture: FilesFixture
    private let secret = "a secret beside the root"

    init() throws {
        fixture = try FilesFixture()
        try fixture.folder.write(secret, to: "secret.txt")
        try fixture.write(Array("inside".utf8), "in/side.txt")
    }

    @Test(
        "no spelling of a path leads out of the root",
        arguments: [
            "/../secret.txt", "/in/../../secret.txt", "/%2e%2e/secret.txt", "/%2E%2e%2fsecret.txt", "/..%2fsecret.txt",
            "/in/%2e%2e/%2e%2e/secret.txt", "/.%2e/secret.txt", "/%252e%252e/secret.txt", "/..%5csecret.txt",
            "/..\\secret.txt", "//../secret.txt", "/./../secret.txt", "/in//../../secret.txt", "/..;/secret.txt",
            "/%c0%ae%c0%ae/secret.txt", "/in/..%00/secret.txt", "/in/side.txt%00.html", "/%2fetc%2fpasswd",
            "//etc/passwd",
            "/pages/../../secret.txt", "/pages/%2e%2e/%2e%2e/secret.txt", "/in%2fside.txt",
        ])
    func spellings(path: String) async throws {
        defer { fixture.stop() }
        let answer = try RawClient(port: try await fixture.start()).get(path)
        #expect(answer.status == 404 || answer.status == 400)
        #expect(!answer.text.contains(secret) && !answer.text.contains("root:"))
    }

    @Test("a path that is normal once its dots are resolved is served")
    func dots() async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await fixture.start())
        for path in ["/in/./side.txt", "/in/../in/side.txt", "/%69n/side.txt", "/x/../in/side.txt?a=../.."] {
            #expect(try client.get(path).text == "inside", "\(path)")
        }
    }

    @Test("links that lead out are not there; those that stay inside are followed")
    func links() async throws {
        defer { fixture.stop() }
        let manager = FileManager.default
        for (name, target) in [
            ("out.txt", "../secret.txt"), ("absolute.txt", "/etc/passwd"), ("up", ".."), ("proc", "/proc/self/root"),
            ("loop", "loop"), ("stays.txt", "in/side.txt"), ("within", "in"), ("back.txt", "in/../in/side.txt"),
        ] { try manager.createSymbolicLink(atPath: "\(fixture.root)/\(name)", withDestinationPath: target) }
        let client = try RawClient(port: try await fixture.start())
        for path in ["/out.txt", "/absolute.txt", "/up/secret.txt", "/up/", "/proc/etc/passwd", "/loop"] {
            #expect(try client.get(path).status == 404, "\(path)")
        }
        for path in ["/stays.txt", "/within/side.txt", "/back.txt"] {
            #expect(try client.get(path).text == "inside", "\(path)")
        }
    }

    @Test("pipes, sockets, devices and hidden files are not there, and hold nobody up")
    func kinds() async throws {
        defer { fixture.stop() }
        #expect(mkfifo(fixture.root + "/pipe", 0o644) == 0)
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array((fixture.root + "/socket").utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        try fixture.write(Array("hidden".utf8), ".env")
        try fixture.write(Array("hidden".utf8), ".git/config")
        try FileManager.default.createSymbolicLink(atPath: fixture.root + "/null", withDestinationPath: "/dev/null")
        let client = try RawClient(port: try await fixture.start())
        let long = String(repeating: "a", count: 300)
        for path in ["/pipe", "/socket", "/null", "/.env", "/.git/config", "/in/side.txt/more", "/\(long)"] {
            #expect(try client.get(path).status == 404, "\(path)")
        }
    }
}
