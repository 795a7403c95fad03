import Bytes
import Foundation
import HTTP
import LoopKit
import Reactor
import TestKit
import Testing

@testable import HTTPTransport

@Suite("Static files: transfers", .ownThread)
struct StaticFileTransferTests {
    let fixture: FilesFixture

    init() throws { fixture = try FilesFixture() }

    private func pendingOutput() async throws -> Int {
        try await fixture.server.onServer { server in
            server.connections.reduce(0) { $0 + (($1 as? HTTPServerConnection)?.connection.pendingOutput ?? 0) }
        }
    }

    @Test("a client that stops reading holds its watermark and one piece; reading on, it gets every byte")
    func stalled() async throws {
        defer { fixture.stop() }
        let bytes = patterned(30_000_000)
        let path = try fixture.write(bytes, "clip.mp4")
        let port = try await fixture.start()
        let client = try RawClient(port: port, receiveBuffer: 64 * 1_024)
        try client.send(
            "GET /clip.mp4 HTTP/1.1\r\nHost: a\r\n\r\nGET /clip.mp4 HTTP/1.1\r\nHost: a\r\nRange: bytes=-5\r\n\r\n")
        let head = try client.responseHead()
        #expect(head["content-length"] == "30000000")
        let blocked = await eventually { (try? RawClient(port: port).get("/none").status) == 404 }
        #expect(blocked)
        #expect(try await pendingOutput() <= (256 + 64 + 4) * 1_024)
        #expect(FilesFixture.isOpen(path))
        #expect(try client.receive(bytes.count) == bytes)
        #expect(try client.response().body == Array(bytes.suffix(5)))
        #expect(await eventually { !FilesFixture.isOpen(path) })
    }

    @Test("a client that leaves, or is cut for not reading, leaves no file open", arguments: ["reset", "timeout"])
    func gone(by way: String) async throws {
        defer { fixture.stop() }
        let path = try fixture.write(patterned(30_000_000), "clip.mp4")
        var options = HTTPServerOptions()
        if way == "timeout" { options.writeTimeout = .milliseconds(500) }
        let client = try RawClient(port: try await fixture.start(options), receiveBuffer: 64 * 1_024)
        try client.send("GET /clip.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try client.responseHead()
        #expect(FilesFixture.isOpen(path))
        if way == "reset" { client.reset() }
        try await fixture.server.log.wait(for: "the end") { $0.contains { $0.hasPrefix("lost") } }
        #expect(await eventually { !FilesFixture.isOpen(path) })
        try await fixture.server.waitForConnections(0)
    }

    @Test("a file that shrinks while it is sent breaks the answer off; one that grows is sent as long as promised")
    func changing() async throws {
        defer { fixture.stop() }
        let bytes = patterned(30_000_000)
        let path = try fixture.write(bytes, "clip.mp4")
        let port = try await fixture.start()
        let shrinking = try RawClient(port: port, receiveBuffer: 64 * 1_024)
        try shrinking.send("GET /clip.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try shrinking.responseHead()
        #expect(truncate(path, 20_000_000) == 0)
        #expect(throws: RawClient.Failure.self) { _ = try shrinking.receive(bytes.count) }
        try await fixture.server.log.wait(for: "lost: aborted")

        let growing = try RawClient(port: port, receiveBuffer: 64 * 1_024)
        try growing.send("GET /clip.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try growing.responseHead()["content-length"] == "20000000")
        #expect(truncate(path, 40_000_000) == 0)
        #expect(try growing.receive(20_000_000) == Array(bytes[..<20_000_000]))
        #expect(try growing.get("/none").status == 404)
    }

    @Test(
        "with every thread of the pool busy and its queue full, requests are told to come back, and transfers go on later"
    )
    func overloaded() async throws {
        let gate = Gate()
        defer {
            gate.open()
            fixture.stop()
        }
        let bytes = patterned(30_000_000)
        try fixture.write(bytes, "clip.mp4")
        let port = try await fixture.start()
        let running = try RawClient(port: port, receiveBuffer: 64 * 1_024)
        try running.send("GET /clip.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try running.responseHead()
        for _ in 0..<fixture.pool.limits.threads { try fixture.pool.submit { _ in gate.pass() } }
        #expect(await eventually { gate.entries == fixture.pool.limits.threads })
        var isFull = false
        while !isFull {
            do throws(BlockingPoolError) { try fixture.pool.submit { _ in } } catch { isFull = true }
        }
        let refused = try RawClient(port: port).get("/clip.mp4")
        #expect(refused.status == 503 && refused["retry-after"] == "1")
        // What had been read ahead; for the rest the transfer asks again and again.
        var received: [UInt8] = []
        while running.hasInput(within: 200) { received += try running.receiveSome() }
        #expect(received.count < bytes.count)
        gate.open()
        received += try running.receive(bytes.count - received.count)
        #expect(received == bytes)
    }

    @Test("fifty clients at once get their own file each")
    func many() async throws {
        defer { fixture.stop() }
        let files = (0..<50).map { number in patterned(100_000 + number * 997).map { $0 ^ UInt8(number) } }
        for (number, bytes) in files.enumerated() { try fixture.write(bytes, "\(number).bin") }
        let port = try await fixture.start()
        let clients = try files.indices.map { number in
            let client = try RawClient(port: port)
            try client.send("GET /\(number).bin HTTP/1.1\r\nHost: a\r\n\r\n")
            return client
        }
        for (client, bytes) in zip(clients, files) { #expect(try client.response().body == bytes) }
    }
}
