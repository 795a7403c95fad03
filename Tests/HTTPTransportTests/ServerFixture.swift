import Bytes
import HTTP
import LoopKit
import Reactor
import TestKit

@testable import HTTPTransport

/// A server on a loop of its own, with what its handlers told the test.
final class ServerFixture: Sendable {
    /// What only the loop may touch.
    final class Confined: @unchecked Sendable {
        // Safe: touched in closures that run on the loop, and nowhere else.
        var server: HTTPServer?
        var kept: [HTTPExchange] = []
        var port: UInt16 = 0
    }

    typealias Routes = @Sendable (inout Router, ServerFixture) -> Void

    let group: LoopGroup
    let log = EventLog<String>()
    private let confined = Confined()

    init() throws { group = try LoopGroup(count: 1) }

    /// Starts a server with `routes` and returns its port.
    func start(
        _ options: HTTPServerOptions = HTTPServerOptions(), tls: TLSServerContext? = nil, routes: @escaping Routes
    ) async throws -> UInt16 {
        try await onLoop { loop, confined in
            var router = Router()
            routes(&router, self)
            let server = HTTPServer(on: loop, router: router, options: options)
            confined.server = server
            confined.port = try server.listen(on: .loopback(port: 0), tls: tls).port
            return confined.port
        }
    }

    /// The port of the server that was started.
    func port() async throws -> UInt16 { try await onLoop { _, confined in confined.port } }

    func stop() { group.shutdown() }

    func onLoop<R: Sendable>(_ body: @escaping @Sendable (EventLoop, Confined) throws -> R) async throws -> R {
        let confined = self.confined
        return try await group.loops[0].run { actor in try body(actor.loop, confined) }.value
    }

    func onServer<R: Sendable>(_ body: @escaping @Sendable (HTTPServer) throws -> R) async throws -> R {
        try await onLoop { _, confined in try body(confined.server!) }
    }

    /// Has the loop do something soon; nothing is waited for, where a wait for a free thread would spoil the timing.
    func tell(_ body: @escaping @Sendable (Confined) -> Void) {
        let confined = self.confined
        group.loops[0].handle.submit { _ in body(confined) }
    }

    // MARK: - For handlers, on the loop

    /// Keeps an exchange for `answerKept`, and logs `kept`.
    func keep(_ exchange: HTTPExchange) {
        confined.kept.append(exchange)
        log.append("kept")
    }

    /// Gives back the exchanges that were kept, in the order in which they came.
    func takeKept() -> [HTTPExchange] {
        defer { confined.kept = [] }
        return confined.kept
    }

    /// Logs how an exchange ends.
    func logEnd(of exchange: HTTPExchange) {
        exchange.onEnd = { ending in
            switch ending {
            case .answered: self.log.append("answered")
            case .lost(let reason): self.log.append("lost: \(reason)")
            }
        }
    }
}

extension ServerFixture {
    /// Lets time pass on the loop, where the passing of time is what is tested.
    func pass(_ duration: Duration) async throws {
        try await group.loops[0].run { actor in await actor.pause(for: duration) }.value
    }

    /// Waits until the server has `count` connections: their ends are the kernel's to tell.
    func waitForConnections(_ count: Int) async throws {
        for _ in 0..<2_000 {
            if try await onServer({ $0.connectionCount }) == count { return }
            try await pass(.milliseconds(10))
        }
        throw NeverCame(description: "\(count) connections")
    }
}

extension HTTPExchange {
    func respond(text: String) {
        var fields = Fields()
        fields.append(.contentType, "text/plain")
        respond(.ok, fields, body: SharedBytes(text))
    }
}

/// Bytes that differ from place to place, so that a shifted or repeated piece is seen.
func patterned(_ count: Int) -> [UInt8] {
    // The library writes the count of 0 into the one empty array that all threads share: a race to the thread
    // sanitizer.
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialised in
        for position in 0..<count { bytes[position] = UInt8(truncatingIfNeeded: position &* 31 &+ position >> 8) }
        initialised = count
    }
}
