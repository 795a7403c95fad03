import Bytes
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

@Suite("HTTPClient answers")
struct HTTPClientAnswerTests {
    let bench: ClientBench

    init() throws { bench = try ClientBench() }

    @Test("requests go out as they should, `Host` taken from the URL or from whoever knows better")
    func requestText() async throws {
        defer { bench.group.shutdown() }
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        let origin = try await bench.play([.request, .say(ok), .request, .body(2), .say(ok)])
        try await bench.client { client, actor in
            _ = try await client.fetch(origin.get("/a?b=c#d") { $0.fields.append(.accept, "*/*") }, on: actor)
            _ = try await client.fetch(origin.post(.bytes(SharedBytes("hi"))) { $0.host = "media.test" }, on: actor)
        }
        let expected = "GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:\(origin.port)\r\nAccept: */*\r\n\r\n"
        #expect(bench.peer.events.contains(.request(0, expected)))
        #expect(
            bench.peer.events.contains(
                .request(0, "POST / HTTP/1.1\r\nHost: media.test\r\nContent-Length: 2\r\n\r\n")))
        #expect(bench.peer.events.contains(.body(0, "hi")))
    }

    @Test("a host is found by name, and its next address is tried where one refuses")
    func byName() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, .say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")])
        try await bench.client { client, actor in
            let url = try HTTPURL("http://Origin.test:\(origin.port)/")
            let fetched = try await client.fetch(HTTPClientRequest(.get, url), on: actor)
            #expect(fetched.status == .ok)
        }
        #expect(
            bench.peer.events.contains(.request(0, "GET / HTTP/1.1\r\nHost: origin.test:\(origin.port)\r\n\r\n")))
    }

    @Test(
        "an answer is the same wherever it is cut in two",
        arguments: [
            "HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 11\r\n\r\nhello world",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: 1\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
        ])
    func everySplit(answer: String) async throws {
        defer { bench.group.shutdown() }
        let bytes = Array(answer.utf8)
        let script = (1..<bytes.count).flatMap { cut -> [Step] in
            let (first, second) = (bytes[..<cut], bytes[cut...])
            return [
                .request, .say(String(decoding: first, as: UTF8.self)), .pause(.milliseconds(1)),
                .say(String(decoding: second, as: UTF8.self)),
            ]
        }
        let origin = try await bench.play(script)
        try await bench.client { client, actor in
            for cut in 1..<bytes.count {
                let fetched = try await client.fetch(origin.get(), on: actor)
                #expect(fetched.body == SharedBytes("hello world"), "cut at \(cut)")
                #expect(fetched.status == .ok)
            }
        }
        #expect(bench.peer.accepted == 1, "every answer left the connection good for the next")
    }

    @Test(
        "answers that have no body end with their head, and the next is read from where they end",
        arguments: [
            (Method.head, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", UInt16(200)),
            (.get, "HTTP/1.1 204 No Content\r\n\r\n", 204),
            (.get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", 304),
            (.get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200),
            (.head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200),
        ])
    func bodiless(method: Method, answer: String, status: UInt16) async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, .say(answer), .request, .say(answer)])
        try await bench.client { client, actor in
            for _ in 0..<2 {
                let fetched = try await client.fetch(HTTPClientRequest(method, origin.url()), on: actor)
                #expect(fetched.status.code == status && fetched.body.isEmpty)
            }
            #expect(client.counters.connectionsOpened == 1 && client.counters.connectionsReused == 1)
        }
    }

    @Test("an answer without a length lasts until the server closes, over HTTP/1.0 and 1.1", arguments: ["1.0", "1.1"])
    func untilClose(version: String) async throws {
        defer { bench.group.shutdown() }
        let script: [Step] = [.request, .say("HTTP/\(version) 200 OK\r\n\r\nall "), .say("of it"), .end]
        let origin = try await bench.play(script)
        try await bench.client { client, actor in
            for _ in 0..<2 {
                let fetched = try await client.fetch(origin.get(), on: actor)
                #expect(fetched.body == SharedBytes("all of it"))
            }
            #expect(client.counters.connectionsOpened == 2)
        }
    }

    @Test("an HTTP/1.0 server keeps the connection where it says so, and not where it is silent")
    func oldServers() async throws {
        defer { bench.group.shutdown() }
        let kept = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na"
        let silent = "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nb"
        let origin = try await bench.play([.request, .say(kept), .request, .say(silent), .request])
        try await bench.client { client, actor in
            for _ in 0..<2 { _ = try await client.fetch(origin.get(), on: actor) }
            #expect(client.counters.connectionsOpened == 1 && client.state.connections == 0)
        }
        try await bench.peer.wait(for: .clientFinished(0))
    }

    @Test(
        "an answer that breaks off is a failure and never a short answer",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Le", "",
        ], [Step.end, .reset])
    func truncated(answer: String, how: Step) async throws {
        defer { bench.group.shutdown() }
        // The pause lets what was said arrive before a reset, which takes back what has not.
        let origin = try await bench.play([.request, .say(answer), .pause(.milliseconds(50)), how])
        try await bench.client { client, actor in
            let error = await failure { _ = try await client.fetch(origin.get(), on: actor) }
            let reason: TCPCloseReason? = if case .reset = how { .reset } else { nil }
            #expect(error?.kind == .closed(reason))
            #expect(error?.mayRetryElsewhere == answer.isEmpty)
            #expect(client.state == HTTPClientState.empty)
        }
    }

    @Test("a body until close that is reset is a failure")
    func resetUntilClose() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([
            .request, .say("HTTP/1.1 200 OK\r\n\r\nhello"), .pause(.milliseconds(50)), .reset,
        ])
        try await bench.client { client, actor in
            let error = await failure { _ = try await client.fetch(origin.get(), on: actor) }
            #expect(error?.kind == .closed(.reset))
        }
    }

    @Test(
        "a body that is longer than the request accepts is refused",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello world",
        ])
    func tooLarge(answer: String) async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, .say(answer)])
        try await bench.client { client, actor in
            let error = await failure { _ = try await client.fetch(origin.get { $0.maximumBody = 10 }, on: actor) }
            #expect(error == HTTPClientError(kind: .tooLarge(maximum: 10), mayRetryElsewhere: false))
            #expect(client.state.connections == 0)
        }
    }

    @Test("`fetch` bounds a body where the request does not")
    func fetchBound() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, .say("HTTP/1.1 200 OK\r\n\r\n"), .fill("x", 2_000)])
        var options = HTTPClientOptions()
        options.maximumCollectedBody = 1_000
        try await bench.client(options) { client, actor in
            let error = await failure { _ = try await client.fetch(origin.get(), on: actor) }
            #expect(error?.kind == .tooLarge(maximum: 1_000))
        }
    }

    @Test(
        "what is no answer is a protocol error",
        arguments: [
            ("SSH-2.0-OpenSSH\r\n\r\n", ClientMachine.Failure.malformed(.malformedStatusLine)),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", .unsolicited),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                .malformed(.repeatedContentLength)
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .malformed(.invalidChunkSize)),
            (
                String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 20),
                .tooManyInterimResponses
            ),
        ])
    func malformed(answer: String, expected: ClientMachine.Failure) async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, .say(answer)])
        try await bench.client { client, actor in
            let error = await failure { _ = try await client.fetch(origin.get(), on: actor) }
            #expect(error == HTTPClientError(kind: .protocolError(expected), mayRetryElsewhere: false))
        }
    }

    @Test("a head without an end is refused at its bound")
    func hugeHead() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, .say("HTTP/1.1 200 OK\r\nX: "), .fill("x", 100_000)])
        try await bench.client { client, actor in
            let error = await failure { _ = try await client.fetch(origin.get(), on: actor) }
            #expect(error?.kind == .protocolError(.malformed(.headTooLarge(maximum: 16_384))))
        }
    }

    @Test("an upgrade hands the socket over, with what the server has sent ahead")
    func upgrade() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([
            .request,
            .say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nahead"),
            .body(4), .say("pong"),
        ])
        let after = EventLog<String>()
        try await bench.client { client, _ in
            let handler = RecordingHandler(bench.told)
            handler.onUpgrade = { socket in
                socket.handler = TextHandler(after)
                socket.write(SharedBytes("ping"))
            }
            let request = try origin.get("/chat") {
                $0.upgrades = true
                $0.fields.append(.upgrade, "echo")
            }
            client.send(request, to: handler)
            let told = try await bench.told.ends()
            #expect(told == [.upgraded(101, ahead: "ahead")])
            #expect(client.state.connections == 0)
            try await after.wait(for: "pong")
        }
        #expect(bench.peer.events.contains(.body(0, "ping")))
        let line = "Upgrade: echo\r\nConnection: upgrade\r\n"
        #expect(
            bench.peer.events.contains { event in
                if case .request(_, let text) = event { text.contains(line) } else { false }
            })
    }

    @Test("a server that does not want the upgrade answers as usual")
    func upgradeDeclined() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, .say("HTTP/1.1 426 No\r\nContent-Length: 2\r\n\r\nno")])
        try await bench.client { client, _ in
            let request = try origin.get {
                $0.upgrades = true
                $0.fields.append(.upgrade, "echo")
            }
            client.send(request, to: RecordingHandler(bench.told))
            let told = try await bench.told.ends()
            #expect(told == [.responded(426), .body("no"), .ended])
            #expect(client.state.idle == 1)
        }
    }
}

/// Logs text that comes.
final class TextHandler: TCPHandler {
    private let log: EventLog<String>
    init(_ log: EventLog<String>) { self.log = log }
    func received(_ bytes: RawSpan, on connection: TCPConnection) { log.append(String(copying: bytes)) }
    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { log.append("\(reason)") }
}

extension HTTPClientState {
    static let empty = HTTPClientState(origins: 0, connections: 0)
}
