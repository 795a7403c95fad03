import Bytes
import Foundation
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

@Suite("HTTPClient and Python's http.server")
struct HTTPClientInteropTests {
    @Test("files, redirects, missing files and posts, over HTTP/1.0 and 1.1", arguments: ["HTTP/1.0", "HTTP/1.1"])
    func python(version: String) async throws {
        let bench = try ClientBench()
        defer { bench.group.shutdown() }
        let directory = try TemporaryDirectory()
        let content = String(repeating: "0123456789abcdef", count: 40_000)
        _ = try directory.write(content, to: "file.txt")
        try FileManager.default.createDirectory(atPath: "\(directory.path)/folder", withIntermediateDirectories: true)
        let server = try PythonServer(directory.path, version)
        defer { server.stop() }
        let origin = Origin(scheme: "http", port: server.port)
        try await bench.client { client, actor in
            var files = 0
            for _ in 0..<5 {
                let fetched = try await client.fetch(origin.get("/file.txt"), on: actor)
                if fetched.body == SharedBytes(content) { files += 1 }
            }
            #expect(files == 5)
            #expect(client.counters.connectionsOpened == (version == "HTTP/1.1" ? 1 : 5))
            let head = try await client.fetch(HTTPClientRequest(.head, origin.url("/file.txt")), on: actor)
            #expect(head.fields.string(.contentLength) == "\(content.utf8.count)" && head.body.isEmpty)
            let missing = try await client.fetch(origin.get("/none"), on: actor)
            #expect(missing.status == .notFound)
            let folder = try await client.fetch(origin.get("/folder") { $0.maximumRedirects = 1 }, on: actor)
            let listed = try origin.url("/folder/")
            #expect(folder.status == .ok && folder.url == listed)
            let posted = try await client.fetch(origin.post(.bytes(SharedBytes("x"))), on: actor)
            #expect(posted.status == .notImplemented)
        }
    }
}

/// `http.server` of Debian's Python, on a free port.
private final class PythonServer {
    private let child: ChildProgram
    private let input = Pipe()
    private let output = Pipe()
    let port: UInt16

    struct NotStarted: Error {}

    init(_ directory: String, _ version: String) throws {
        let program = """
            import http.server, sys, threading
            handler = http.server.SimpleHTTPRequestHandler
            handler.protocol_version = sys.argv[2]
            handler.log_message = lambda *arguments: None
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: handler(*a, directory=sys.argv[1]))
            print(server.server_port, flush=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            sys.stdin.read()
            """
        child = try ChildProgram(
            "/usr/bin/python3", ["-c", program, directory, version], input: input.fileHandleForReading.fileDescriptor,
            output: output.fileHandleForWriting.fileDescriptor)
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw NotStarted() }
            line += more
        }
        guard let port = UInt16(String(decoding: line.dropLast(), as: UTF8.self)) else { throw NotStarted() }
        self.port = port
    }

    /// It ends with its input: a signal would be blocked in a child of a dispatch thread.
    func stop() {
        try? input.fileHandleForWriting.close()
        child.wait()
    }
}
