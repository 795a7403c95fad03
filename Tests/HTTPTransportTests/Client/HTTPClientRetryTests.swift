import Bytes
import Glibc
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

@Suite("HTTPClient retries")
struct HTTPClientRetryTests {
    static let ok = Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    let bench: ClientBench

    init() throws { bench = try ClientBench() }

    @Test(
        "an idempotent request on a connection that the server was just closing goes out again, unseen by its sender",
        arguments: [Method.get, .head, .put, .delete], [Step.end, .reset])
    func deadKeepAlive(method: Method, how: Step) async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.ok, .request, how], [.request, Self.ok])
        try await bench.client { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            let body: HTTPClientRequest.Body = method == .put ? .bytes(SharedBytes("whole")) : .none
            let request = HTTPClientRequest(method, try origin.url("/again"), body: body)
            let fetched = try await client.fetch(request, on: actor)
            #expect(fetched.status == .ok)
            #expect(client.counters.requestsRetried == 1 && client.counters.connectionsOpened == 2)
        }
        #expect(bench.peer.requestLines.suffix(2) == ["0 \(method) /again HTTP/1.1", "1 \(method) /again HTTP/1.1"])
    }

    @Test("it goes out on a fresh connection, for the other idle ones are as old")
    func freshConnection() async throws {
        defer { bench.group.shutdown() }
        let dying: [Step] = [.request, .pause(.milliseconds(20)), Self.ok, .request, .end]
        let origin = try await bench.play(dying, dying, [.request, Self.ok])
        try await bench.client { client, actor in
            let request = try origin.get()
            for _ in 0..<2 { client.send(request, to: RecordingHandler(bench.told)) }
            try await bench.told.ends(2)
            #expect(client.state.idle == 2)
            _ = try await client.fetch(request, on: actor)
            #expect(client.counters.requestsRetried == 1 && client.counters.connectionsOpened == 3)
        }
    }

    @Test("it goes out again once and not twice")
    func onceOnly() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.ok, .request, .end], [.request, .end])
        try await bench.client { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            let error = await failure { _ = try await client.fetch(origin.get(), on: actor) }
            #expect(error == HTTPClientError(kind: .closed(nil), mayRetryElsewhere: true))
            #expect(client.counters.requestsRetried == 1)
        }
        #expect(bench.peer.accepted == 2)
    }

    @Test(
        "a POST that was sent is never sent again", arguments: [Step.end, .reset],
        [
            HTTPClientRequest.Body.none, .bytes(SharedBytes("pay")),
            .bytes(SharedBytes(String(repeating: "x", count: 9_000))),
        ])
    func post(how: Step, body: HTTPClientRequest.Body) async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play(
            [.request, Self.ok, .request, .pause(.milliseconds(20)), how], [.request, Self.ok])
        try await bench.client { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            let error = await failure { _ = try await client.fetch(origin.post(body), on: actor) }
            guard case .closed = error?.kind else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.mayRetryElsewhere == false && client.counters.requestsRetried == 0)
        }
        #expect(bench.peer.accepted == 1)
    }

    @Test("a POST that waits for leave to send its body goes out again")
    func postWithExpectation() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play(
            [.request, Self.ok, .request, .end],
            [.request, .say("HTTP/1.1 100 Continue\r\n\r\n"), .body(3), Self.ok])
        try await bench.client { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            let request = try origin.post(.bytes(SharedBytes("pay"))) { $0.expectsContinue = true }
            let fetched = try await client.fetch(request, on: actor)
            #expect(fetched.body == SharedBytes("ok") && client.counters.requestsRetried == 1)
        }
        #expect(bench.peer.events.contains(.body(1, "pay")))
    }

    @Test("a POST of which the kernel took nothing goes out again")
    func nothingSent() async throws {
        defer { bench.group.shutdown() }
        let script: [Step] = [.request, Self.ok, .pause(.seconds(1)), .reset]
        let origin = try await bench.play(script, [.request, .body(3), Self.ok])
        try await bench.client { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            // Holds this loop until the reset has arrived in the kernel, where nobody has looked for it yet.
            let began = MonotonicClock.now()
            while !bench.peer.events.contains(.ended(0)), MonotonicClock.now() - began < .seconds(10) {}
            #expect(client.state.idle == 1)
            let fetched = try await client.fetch(origin.post(.bytes(SharedBytes("pay"))), on: actor)
            #expect(fetched.body == SharedBytes("ok") && client.counters.requestsRetried == 1)
        }
    }

    @Test("nothing goes out again after a byte of an answer")
    func afterFirstByte() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.ok, .request, .say("H"), .end])
        try await bench.client { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            let error = await failure { _ = try await client.fetch(origin.get(), on: actor) }
            #expect(error == HTTPClientError(kind: .closed(nil), mayRetryElsewhere: false))
        }
        #expect(bench.peer.accepted == 1)
    }

    @Test("a body that its owner has begun to write cannot go out again")
    func streamedBody() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.ok, .request, .body(7), .end])
        try await bench.client { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            let handler = RecordingHandler(bench.told)
            handler.onWanted = { $0.write(SharedBytes("xy")) }
            client.send(HTTPClientRequest(.put, try origin.url(), body: .stream(length: nil)), to: handler)
            let told = try await bench.told.ends()
            #expect(told == [.bodyWanted, .failed(.closed(nil), elsewhere: false)])
        }
    }

    @Test("a refused connection and a host without an address say that another origin may be tried")
    func unreachable() async throws {
        defer { bench.group.shutdown() }
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let free = Socket(descriptor: descriptor)
        try free.bind(to: .loopback(port: 0))
        let origin = Origin(scheme: "http", port: free.localAddress!.port)
        try await bench.client { client, actor in
            let refused = await failure { _ = try await client.fetch(origin.post(.none), on: actor) }
            #expect(refused?.kind == .connect(.failed(SystemError("connect", ECONNREFUSED))))
            #expect(refused?.mayRetryElsewhere == true)
            let nobody = HTTPClientRequest(.get, try HTTPURL("http://nobody.invalid/"))
            let unknown = await failure { _ = try await client.fetch(nobody, on: actor) }
            #expect(unknown == HTTPClientError(kind: .resolve(.notFound), mayRetryElsewhere: true))
            #expect(client.state == HTTPClientState.empty && client.counters.connectsFailed == 2)
        }
    }
}
