import Bytes
import HTTP
import LoopKit
import TestKit
import Testing

@testable import HTTPTransport

@Suite("Routing", .ownThread)
struct RoutingTests {
    let fixture: ServerFixture

    private static let purge = Method("PURGE".bytes.rawSpan)!

    init() throws { fixture = try ServerFixture() }

    private func start() async throws -> RawClient {
        let port = try await fixture.start { router, _ in
            router.add(.get, "/items/:id", "one item") { request, exchange in
                exchange.respond(text: "item " + (exchange.match?.value("id", in: request) ?? ""))
            }
            router.add(Self.purge, "/items/:id", "drop copies of it") { _, exchange in exchange.respond(.noContent) }
            router.add(.delete, "/items/:id", "remove it") { _, exchange in exchange.respond(.noContent) }
            router.add(.get, "/items/best", "never reached") { _, exchange in exchange.respond(text: "best") }
            router.add(.get, "/files/*path", "a file") { request, exchange in
                exchange.respond(text: "from " + (exchange.match?.value("path", in: request) ?? ""))
            }
            let listed = CORS(origins: .listed(["https://good.example"]), allowsCredentials: true)
            router.add(.post, "/private", "for one site", options: RouteOptions(cors: listed)) { _, exchange in
                exchange.respond(text: "done")
            }
            router.add(.get, "/own", "for no other site", options: RouteOptions(cors: nil)) { _, exchange in
                exchange.respond(text: "own")
            }
            router.add(.get, "/things/:id", "one thing") { _, exchange in exchange.respond(text: "thing") }
            router.add(.delete, "/things/:id", "remove it", options: RouteOptions(cors: nil)) { _, exchange in
                exchange.respond(.noContent)
            }
        }
        return try RawClient(port: port)
    }

    @Test("the first route that fits answers; its parameters are decoded")
    func parameters() async throws {
        defer { fixture.stop() }
        let client = try await start()
        #expect(try client.get("/items/a%20b").text == "item a b")
        #expect(try client.get("/items/best").text == "item best")
        #expect(try client.get("/files/x/y/../z").text == "from x")
        #expect(try client.get("/files/").text == "from ")
    }

    @Test("a path that no route has is 404, in JSON", arguments: ["/", "/items", "/items/", "/items/1/", "/files"])
    func notFound(path: String) async throws {
        defer { fixture.stop() }
        let answer = try await start().get(path)
        #expect(answer.status == 404 && answer.text == #"{"code":404,"message":"no such path"}"#)
        #expect(answer["content-type"] == "application/json")
    }

    @Test("a method that the path does not take is 405 and names those it takes; the connection goes on")
    func methodNotAllowed() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let answer = try client.get("/items/1", method: "PATCH", "Content-Length: 0")
        #expect(answer.status == 405 && answer["allow"] == "GET, PURGE, DELETE, HEAD, OPTIONS")
        #expect(answer.text == #"{"code":405,"message":"method not allowed here"}"#)
        #expect(try client.get("/items/1").status == 200)
    }

    @Test("a method that nobody knows is 501, whatever the path; one of a route's own is 405 elsewhere")
    func unknownMethod() async throws {
        defer { fixture.stop() }
        let client = try await start()
        for path in ["/items/1", "/nowhere"] {
            let answer = try client.get(path, method: "BREW", "Content-Length: 0")
            #expect(answer.status == 501 && answer.text == #"{"code":501,"message":"method not known"}"#)
            #expect(answer["allow"] == nil)
        }
        #expect(try client.get("/items/1", method: "PURGE").status == 204)
        #expect(try client.get("/own", method: "PURGE").status == 405)
        #expect(try client.get("/own", method: "get").status == 501, "names of methods are case-sensitive")
    }

    @Test("OPTIONS lists the methods of a path, and is answered for the server as a whole")
    func options() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let answer = try client.get("/items/1", method: "OPTIONS")
        #expect(answer.status == 204 && answer["allow"] == "GET, PURGE, DELETE, HEAD, OPTIONS")
        #expect(answer["access-control-allow-origin"] == nil, "no other origin asked")
        #expect(try client.get("*", method: "OPTIONS").status == 204)
        #expect(try client.get("/nowhere", method: "OPTIONS").status == 404)
    }

    @Test("a browser's preflight is answered with what the path takes")
    func preflight() async throws {
        defer { fixture.stop() }
        let answer = try await start().get(
            "/items/1", method: "OPTIONS", "Origin: https://page.example", "Access-Control-Request-Method: DELETE",
            "Access-Control-Request-Headers: x-token, range")
        #expect(answer.status == 204 && answer["access-control-allow-origin"] == "*")
        #expect(answer["access-control-allow-methods"] == "GET, PURGE, DELETE, HEAD, OPTIONS")
        #expect(answer["access-control-allow-headers"] == "x-token, range")
        #expect(answer["access-control-max-age"] == "86400")
    }

    @Test("what a path does not share with pages from elsewhere is in no preflight, and refused to them")
    func orders() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let preflight = try client.get(
            "/things/1", method: "OPTIONS", "Origin: https://page.example", "Access-Control-Request-Method: DELETE")
        #expect(preflight["access-control-allow-methods"] == "GET, HEAD, OPTIONS")
        #expect(preflight["allow"] == "GET, DELETE, HEAD, OPTIONS")
        for (fields, status) in [
            ([], 204), (["Origin: https://test"], 204), (["Origin: http://test:9090"], 204),
            (["Origin: https://page.example"], 403), (["Origin: null"], 403), (["Sec-Fetch-Site: cross-site"], 403),
            (["Origin: https://page.example", "Sec-Fetch-Site: same-site"], 204), (["Sec-Fetch-Site: none"], 204),
        ] {
            try client.send(
                (["DELETE /things/1 HTTP/1.1", "Host: test"] + fields).joined(separator: "\r\n") + "\r\n\r\n")
            let answer = try client.response()
            #expect(answer.status == status, "\(fields)")
            if status == 403 { #expect(answer.text == #"{"code":403,"message":"not for pages of other sites"}"#) }
        }
        #expect(try client.get("/things/1", "Origin: https://page.example")["access-control-allow-origin"] == "*")
        #expect(try client.get("/items/1", method: "DELETE", "Origin: https://page.example").status == 204)
    }

    @Test("pages from elsewhere may read what the route shares, errors of its handler included")
    func shared() async throws {
        defer { fixture.stop() }
        let client = try await start()
        #expect(try client.get("/items/1", "Origin: https://any.example")["access-control-allow-origin"] == "*")
        #expect(try client.get("/items/1")["access-control-allow-origin"] == nil)
        let own = try client.get("/own", "Origin: https://any.example")
        #expect(own.status == 200 && own["access-control-allow-origin"] == nil)
    }

    @Test("a route for listed sites names the one that asks, and tells caches so")
    func listed() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let good = try client.get("/private", method: "POST", "Origin: https://good.example", "Content-Length: 0")
        #expect(good["access-control-allow-origin"] == "https://good.example" && good["vary"] == "Origin")
        #expect(good["access-control-allow-credentials"] == "true")
        let other = try client.get("/private", method: "POST", "Origin: https://bad.example", "Content-Length: 0")
        #expect(other["access-control-allow-origin"] == nil && other["vary"] == "Origin")
        let preflight = try client.get(
            "/private", method: "OPTIONS", "Origin: https://bad.example", "Access-Control-Request-Method: POST")
        #expect(preflight["access-control-allow-origin"] == nil)
    }

    @Test("routes can be listed with their methods, patterns and summaries")
    func listing() async throws {
        defer { fixture.stop() }
        _ = try await start()
        let listing = try await fixture.onServer { server in
            server.router.routes.map { "\($0.method) \($0.pattern) \($0.summary)" }
        }
        #expect(listing.first == "GET /items/:id one item" && listing.count == 9)
    }
}
