import Bytes
import Foundation
import HTTP
import LoopKit
import Reactor
import TestKit
import Testing

@testable import HTTPTransport

@Suite("WebSocket: an independent peer", .ownThread)
struct WebSocketPeerTests {
    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

    private func drive(_ url: String, _ more: String...) throws {
        let script = Self.folder + "/websocket_client.py"
        let result = try Command.run("/usr/bin/python3", [script, url] + more)
        #expect(result.status == 0 && result.text == "all as it should be\n", "python3-websockets: \(result.errors)")
    }

    @Test("python's websockets gets echoes, fragments, pongs, streams and close codes as it should")
    func client() async throws {
        defer { fixture.stop() }
        try drive("ws://127.0.0.1:\(try await fixture.startEcho())/echo")
        try await fixture.log.wait(for: "six ends") { $0.count { !$0.hasPrefix("opened") && $0 != "blocked" } == 6 }
        #expect(fixture.log.events.contains("closed(Optional(HTTP.CloseCode(rawValue: 4001)), reason: \"bye\")"))
    }

    @Test("the same over TLS")
    func secureClient() async throws {
        defer { fixture.stop() }
        let directory = try TemporaryDirectory()
        let authority = try TestAuthority()
        let files = try authority.issue("localhost").write(to: directory, name: "server")
        let identity = TLSIdentity(certificates: .file(files.certificates), privateKey: .file(files.privateKey))
        let tls = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
        let port = try await fixture.startEcho(tls: tls)
        try drive("wss://localhost:\(port)/echo", try directory.write(authority.certificate, to: "root.pem"))
    }

    @Test("as a client, ours is understood by python's websockets, and masks what it sends")
    func server() async throws {
        defer { fixture.stop() }
        let (input, output) = (Pipe(), Pipe())
        let python = try ChildProgram(
            "/usr/bin/python3", [Self.folder + "/websocket_server.py"],
            input: input.fileHandleForReading.fileDescriptor, output: output.fileHandleForWriting.fileDescriptor)
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        defer {
            try? input.fileHandleForWriting.close()
            python.wait()
        }
        var line = ""
        while !line.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "python3-websockets is missing")
            line += String(decoding: more, as: UTF8.self)
        }
        let port = try #require(UInt16(line.dropLast()))
        let log = fixture.log
        try await fixture.onLoop { loop, _ in
            _ = try TCPConnection.connect(
                to: .loopback(port: port), on: loop, options: TCPOptions(), handler: Upgrading(log))
        }
        try await log.wait(for: "closed(Optional(HTTP.CloseCode(rawValue: 4002)), reason: \"as you wish\")")
        #expect(log.events.dropLast() == ["opened", "text 8", "binary 300000", "text 0"])
    }

    /// Asks for a WebSocket and hands the connection over once that is agreed to.
    private final class Upgrading: TCPHandler {
        private let log: EventLog<String>
        private var parser = ResponseParser()
        private var head = ResponseHead()
        private var input = ByteQueue(maximum: 65_536)
        private var key = ""

        init(_ log: EventLog<String>) { self.log = log }

        func connected(_ connection: TCPConnection) {
            var fields = Fields()
            var output = ByteWriter()
            do {
                key = try WebSocketHandshake.appendRequest(nonce: SecureRandom.bytes(16).rawSpan, to: &fields)
                var encoder = RequestEncoder(.get)
                encoder.upgrades = true
                try encoder.encode(target: "/".bytes.rawSpan, host: "localhost".bytes.rawSpan, fields, into: &output)
            } catch { log.append("\(error)") }
            connection.write(output.bytes)
        }

        func received(_ bytes: RawSpan, on connection: TCPConnection) {
            guard input.append(bytes) else { return connection.abort() }
            do {
                guard let length = try parser.parse(input.readable, answering: .get, into: &head) else { return }
                input.consume(length)
                try WebSocketHandshake.verify(head, key: key) { SHA1.digest($0) }
            } catch { return log.append("\(error)") }
            let ahead = SharedBytes(copying: input.readable)
            WebSocketConnection.start(.client, on: connection, ahead: ahead, handler: Talking(log))
        }

        func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { log.append("\(reason)") }
    }

    /// Says one thing after the other.
    private final class Talking: WebSocketHandler {
        private let log: EventLog<String>
        init(_ log: EventLog<String>) { self.log = log }

        func opened(_ socket: WebSocketConnection) {
            log.append("opened")
            socket.send(text: "grüße!")
        }

        func received(text: SharedBytes, on socket: WebSocketConnection) {
            log.append("text \(text.count)")
            if text.isEmpty { socket.send(text: "close") } else { socket.send(binary: SharedBytes(patterned(300_000))) }
        }

        func received(binary: SharedBytes, on socket: WebSocketConnection) {
            #expect(binary.array == patterned(300_000))
            log.append("binary \(binary.count)")
            socket.send(text: "")
        }

        func closed(_ socket: WebSocketConnection, _ ending: WebSocketEnding) { log.append("\(ending)") }
    }
}
