import Bytes
import HTTP
import LoopKit
import Testing

@testable import HTTPTransport

@Suite("Answers to scripts (JSONP)", .ownThread)
struct ScriptRoutingTests {
    /// Knows one token.
    private final class Gate: RouterGate {
        func admits(_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> Bool {
            if request.fields.string(.authorization) == "Bearer open" { return true }
            exchange.fail(.unauthorized, "a token is needed")
            return false
        }
    }

    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    private func start(isGated: Bool = false) async throws -> RawClient {
        let port = try await fixture.start { router, _ in
            if isGated { router = Router(gate: Gate()) }
            let scripts = RouteOptions(compresses: true, answersScripts: true)
            let own = RouteOptions(cors: nil, answersScripts: true)
            router.add(.get, "/items/:id", "one item", options: scripts) { request, exchange in
                let id = exchange.match?.value("id", in: request) ?? ""
                guard id != "none" else { return exchange.fail(.notFound, "no such item") }
                exchange.respond(json: SharedBytes(#"{"id":"\#(JSONText.escaped(id))"}"#))
            }
            router.add(.delete, "/items/:id", "removes it", options: own) { _, exchange in
                exchange.respond(json: SharedBytes(#"{"removed":true}"#))
            }
            // The same path by a method that no script may have.
            router.add(.post, "/items/:id", "changes it") { _, exchange in exchange.respond(.noContent) }
            router.add(.get, "/own", "for no other site", options: own) { _, exchange in
                exchange.respond(json: SharedBytes("[]"))
            }
            router.add(.get, "/plain", "never a script") { request, exchange in
                exchange.respond(json: SharedBytes("{}"))
            }
        }
        return try RawClient(port: port)
    }

    @Test("JSON becomes a call of the function, in a type that nobody may guess anew")
    func call() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let answer = try client.get("/items/1?callback=jQuery1_2&_=3")
        #expect(answer.status == 200 && answer.text == #"jQuery1_2({"id":"1"})"#)
        #expect(answer["content-type"] == "text/javascript; charset=utf-8")
        #expect(answer["x-content-type-options"] == "nosniff")
        #expect(try client.get("/items/%E2%80%A8?callback=a.b%5B0%5D").text == #"a.b[0]({"id":"\u2028"})"#)
        let head = try client.get("/items/1?callback=f", method: "HEAD")
        #expect(head.status == 200 && head["content-length"] == "13")
    }

    @Test(
        "without a function it is JSON as ever",
        arguments: ["", "?callback=", "?callback", "?x=y", "?", "?x=%zz", "?%FF&xcallback=f"])
    func json(query: String) async throws {
        defer { fixture.stop() }
        let answer = try await start().get("/items/1\(query)")
        #expect(answer.status == 200 && answer.text == #"{"id":"1"}"#)
        #expect(answer["content-type"] == "application/json")
    }

    @Test("one request's function is not the next one's")
    func reuse() async throws {
        defer { fixture.stop() }
        let client = try await start()
        #expect(try client.get("/items/1?callback=f").text == #"f({"id":"1"})"#)
        #expect(try client.get("/items/1").text == #"{"id":"1"}"#)
        #expect(try client.get("/plain?callback=f").text == "{}")
    }

    @Test(
        "what is no name of a function is refused, and stands nowhere in the answer",
        arguments: [
            "alert(1)//", "%3Cscript%3Ealert(1)%3C/script%3E", "a;b", "a%0d%0aX-Evil:1", "a%20b", "%E2%80%A8",
            "a%5B%22b%22%5D", "f%28", "-", String(repeating: "a", count: 129),
        ])
    func hostile(name: String) async throws {
        defer { fixture.stop() }
        let answer = try await start().get("/items/1?callback=\(name)")
        #expect(answer.status == 400 && answer.text.hasPrefix(#"{"code":400,"message":"callback: not the name"#))
        #expect(answer["content-type"] == "application/json" && answer["x-evil"] == nil)
        #expect(!answer.text.contains("alert") && !answer.text.contains("script>"))
    }

    @Test(
        "a function in a query that cannot be read is refused",
        arguments: ["callback=%00f", "x=%zz&callback=f", "callback=f&%FF"])
    func unreadable(query: String) async throws {
        defer { fixture.stop() }
        let client = try await start()
        let answer = try client.get("/items/1?\(query)")
        #expect(answer.status == 400 && answer.text == #"{"code":400,"message":"the query cannot be read"}"#)
        #expect(try client.get("/plain?\(query)").status == 200)
    }

    @Test("the page hears of errors, which browsers would keep from it")
    func errors() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let answer = try client.get("/items/none?callback=f")
        #expect(answer.status == 200 && answer.text == #"f({"code":404,"message":"no such item"})"#)
        #expect(answer["content-type"] == "text/javascript; charset=utf-8")
        // What no handler has seen is answered as to anybody.
        let unknown = try client.get("/nowhere?callback=f")
        #expect(unknown.status == 404 && unknown.text == #"{"code":404,"message":"no such path"}"#)
    }

    @Test("a method in the query is that of the request, for routes that answer scripts")
    func method() async throws {
        defer { fixture.stop() }
        let client = try await start()
        #expect(try client.get("/items/1?callback=f&method=DELETE").text == #"f({"removed":true})"#)
        #expect(try client.get("/items/1?callback=f&method=GET").text == #"f({"id":"1"})"#)
        #expect(try client.get("/items/1?callback=f&method=").text == #"f({"id":"1"})"#)
        #expect(try client.get("/items/1?method=DELETE").text == #"{"id":"1"}"#, "no script")
        #expect(try client.get("/items/1?callback=f", method: "DELETE").text == #"f({"removed":true})"#)
        #expect(
            try client.get("/items/1?callback=f&method=GET", method: "DELETE").text == #"f({"removed":true})"#,
            "a request that has a method of its own")
        for (method, status) in [("PUT", 405), ("POST", 405), ("delete", 400), ("PURGE", 400), ("x", 400)] {
            let answer = try client.get("/items/1?callback=f&method=\(method)")
            #expect(answer.status == status && answer["content-type"] == "application/json", "\(method)")
        }
    }

    @Test(
        "what is not for pages of other sites is for no script of theirs",
        arguments: [
            (["Sec-Fetch-Site: cross-site"], 403), (["Sec-Fetch-Site: nonsense"], 403),
            (["Sec-Fetch-Site: cross-site", "Referer: http://test/"], 403), (["Referer: https://evil.example/x"], 403),
            (["Referer: http://test.evil.example/"], 403), (["Referer: http://evil.example/?http://test/"], 403),
            (["Referer: about:blank"], 403), (["User-Agent: Mozilla/5.0 (X11)"], 403),
            (["User-Agent: Mozilla/5.0", "Sec-Fetch-Site: same-origin"], 200),
            (["User-Agent: Mozilla/5.0", "Sec-Fetch-Site: same-site"], 200), (["Sec-Fetch-Site: none"], 200),
            (["User-Agent: Mozilla/5.0", "Referer: http://TEST:8080/console/"], 200), (["User-Agent: curl/8.1"], 200),
            ([], 200),
        ])
    func otherSites(fields: [String], status: Int) async throws {
        defer { fixture.stop() }
        let client = try await start()
        for path in ["/items/1?callback=f&method=DELETE", "/own?callback=f"] {
            try client.send((["GET \(path) HTTP/1.1", "Host: test"] + fields + ["", ""]).joined(separator: "\r\n"))
            let answer = try client.response()
            #expect(answer.status == status, "\(path)")
            if status == 403 {
                #expect(answer.text == #"{"code":403,"message":"not for pages of other sites"}"#)
                #expect(answer["content-type"] == "application/json")
            }
        }
        // What CORS lets all pages read is for their scripts as well.
        try client.send(
            (["GET /items/1?callback=f HTTP/1.1", "Host: test"] + fields + ["", ""]).joined(separator: "\r\n"))
        #expect(try client.response().text == #"f({"id":"1"})"#)
    }

    @Test("the gate asks for a token first, whatever method is meant")
    func gate() async throws {
        defer { fixture.stop() }
        let client = try await start(isGated: true)
        for query in ["?callback=f", "?callback=f&method=DELETE", "?callback=%3C", "?callback=f&method=PUT"] {
            let answer = try client.get("/items/1\(query)")
            #expect(answer.status == 401 && answer["content-type"] == "application/json", "\(query)")
        }
        #expect(
            try client.get("/items/1?callback=f&method=DELETE", "Authorization: Bearer open").text
                == #"f({"removed":true})"#)
    }

    @Test("a script is compressed as JSON is")
    func compressed() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let long = String(repeating: "a", count: 1_000)
        let answer = try client.get("/items/\(long)?callback=f", "Accept-Encoding: gzip")
        #expect(answer["content-encoding"] == "gzip" && answer.body.count < 200)
        #expect(answer["content-type"] == "text/javascript; charset=utf-8")
    }
}
