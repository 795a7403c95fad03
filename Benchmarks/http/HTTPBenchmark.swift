import Bytes
import HTTP
import HTTPTransport
import Reactor

/// Serves one small answer from memory on one loop: what `bench http` measures beside nginx, and `bench idle` fills
/// with idle connections.
@main
struct HTTPBenchmark {
    static func main() throws {
        guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
            print("usage: bench-http PORT")
            return
        }
        let group = try LoopGroup(count: 1)
        group.handles[0].submit { loop in
            do {
                try HTTPServer(on: loop, router: router()).listen(on: .loopback(port: port))
            } catch {
                print("bench-http: \(error)")
            }
        }
        group.join()
    }

    private static func router() -> Router {
        var fields = Fields()
        fields.append(.contentType, "text/plain")
        let answer = fields
        let body = SharedBytes(String(String(repeating: "sluice-", count: 147).prefix(1024)))
        var router = Router()
        router.add(.get, "/", "one small answer") { _, exchange in exchange.respond(.ok, answer, body: body) }
        return router
    }
}
