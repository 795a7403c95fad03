import Synchronization
import TestKit
import Testing

@testable import Reactor

@Suite("TLS sessions are resumed by ticket")
struct TLSResumptionTests {
    let authority: TestAuthority
    let certificate: TestCertificate

    init() throws {
        authority = try TestAuthority()
        certificate = try authority.issue("example.com", "other.com")
    }

    private func client(_ version: TLSVersion, maximumSessions: Int = 256) throws -> TLSClientContext {
        try TLSClientContext(trusting: authority) {
            $0.versions = version...version
            $0.maximumSessions = maximumSessions
        }
    }

    /// Connects, exchanges a byte each way, and tells whether both ends have resumed.
    private func connect(
        _ client: TLSClientContext, _ server: TLSServerContext, serverName: String = "example.com"
    ) throws -> Bool {
        let pair = try TLSPair(client: client, server: server, serverName: serverName)
        try pair.run()
        try pair.write([1], fromClient: true)
        try pair.write([2], fromClient: false)
        try pair.run()
        #expect(pair.atServer.plaintext == [1] && pair.atClient.plaintext == [2])
        let resumed = try #require(pair.server.negotiated).resumed
        #expect(pair.client.negotiated?.resumed == resumed)
        return resumed
    }

    @Test("the second connection resumes, and so do later ones", arguments: TLSVersion.allCases)
    func second(version: TLSVersion) throws {
        let client = try client(version)
        let server = try TLSServerContext(certificate)
        #expect(try !connect(client, server))
        for _ in 0..<3 { #expect(try connect(client, server)) }
    }

    @Test("several connections at once resume the same session", arguments: TLSVersion.allCases)
    func atOnce(version: TLSVersion) throws {
        let client = try client(version)
        let server = try TLSServerContext(certificate)
        _ = try connect(client, server)
        let pairs = try (0..<4).map { try TLSPair(client: client, server: server, seed: $0) }
        for pair in pairs { try pair.run() }
        #expect(pairs.allSatisfy { $0.server.negotiated?.resumed == true })
    }

    @Test("sessions outlive a reload", arguments: TLSVersion.allCases)
    func afterReload(version: TLSVersion) throws {
        let client = try client(version)
        let server = try TLSServerContext(certificate)
        _ = try connect(client, server)
        try server.reload()
        #expect(try connect(client, server))
    }

    @Test("servers with one secret resume each other's sessions, others do not", arguments: TLSVersion.allCases)
    func sharedSecret(version: TLSVersion) throws {
        let client = try client(version)
        let secret = pattern(32)
        let servers = try (0..<2).map { _ in
            let keys = try TLSTicketKeys(secret: secret)
            return try TLSServerContext(certificate) { $0.ticketKeys = keys }
        }
        _ = try connect(client, servers[0])
        #expect(try connect(client, servers[1]))
        #expect(try !connect(client, TLSServerContext(certificate)))
    }

    @Test("a key is accepted for one more period, then no more", arguments: TLSVersion.allCases, [true, false])
    func rotation(version: TLSVersion, shared: Bool) throws {
        let clock = Clock()
        clock.set(7_200_000)
        let keys =
            shared
            ? try TLSTicketKeys(secret: pattern(32), period: .seconds(3_600)) { clock.now }
            : TLSTicketKeys(period: .seconds(3_600)) { clock.now }
        let server = try TLSServerContext(certificate) { $0.ticketKeys = keys }
        let client = try client(version)
        #expect(try !connect(client, server))
        clock.advance(3_600)
        #expect(try connect(client, server), "the key before is still accepted")
        clock.advance(3_600)
        #expect(try connect(client, server), "and the ticket was renewed under the new key")
        clock.advance(7_200)
        #expect(try !connect(client, server), "two periods later nobody can read it")
    }

    @Test("keys of one secret agree between processes and change with the period")
    func derivedKeys() throws {
        let clock = Clock()
        clock.set(7_200_000)
        let one = try TLSTicketKeys(secret: pattern(32)) { clock.now }
        let two = try TLSTicketKeys(secret: pattern(32)) { clock.now }
        let other = try TLSTicketKeys(secret: pattern(32, seed: 8)) { clock.now }
        let first = one.keys()
        #expect(first == two.keys())
        #expect(first.current.name != other.keys().current.name)
        #expect(first.current.cipher != first.current.code)
        clock.advance(7_200)
        #expect(one.keys().previous == first.current)
        #expect(one.keys().current == two.keys().current)
        #expect(one.keys().current != first.current)
        #expect(throws: TLSConfigurationProblem.shortTicketSecret(bytes: 31)) { try TLSTicketKeys(secret: pattern(31)) }
        clock.advance(-7_200)
        #expect(one.keys() == first, "a clock that is set back finds the same keys")
    }

    @Test("random keys change with the period and agree with nobody's")
    func randomKeys() {
        let clock = Clock()
        clock.set(7_200_000)
        let keys = TLSTicketKeys { clock.now }
        let first = keys.keys()
        #expect(keys.keys() == first)
        #expect(first.current != TLSTicketKeys { clock.now }.keys().current)
        clock.advance(7_200)
        #expect(keys.keys().previous == first.current)
        #expect(keys.keys().current != first.current)
        clock.advance(14_400)
        #expect(keys.keys().previous != first.current)
    }

    @Test("without ticket keys nothing is resumed", arguments: TLSVersion.allCases)
    func noTickets(version: TLSVersion) throws {
        let client = try client(version)
        let server = try TLSServerContext(certificate) { $0.ticketKeys = nil }
        for _ in 0..<2 { #expect(try !connect(client, server)) }
        #expect(client.sessions.count == 0)
    }

    @Test("a client remembers the servers it used last, up to its bound")
    func cacheBound() throws {
        let names = (0..<5).map { "s\($0).example.com" }
        let server = try TLSServerContext(authority.issue(.init(names: names)))
        let client = try client(.tls13, maximumSessions: 3)
        for name in names[..<3] { _ = try connect(client, server, serverName: name) }
        #expect(try connect(client, server, serverName: names[0]))
        _ = try connect(client, server, serverName: names[3])
        #expect(client.sessions.count == 3)
        #expect(try connect(client, server, serverName: names[0]))
        #expect(try !connect(client, server, serverName: names[1]), "the least recently used was dropped")
        let forgetful = try self.client(.tls13, maximumSessions: 0)
        for _ in 0..<2 { #expect(try !connect(forgetful, server, serverName: names[0])) }
    }

    @Test("a session is offered only to the server it came from")
    func sessionsByName() throws {
        let client = try client(.tls13)
        let server = try TLSServerContext(certificate)
        _ = try connect(client, server, serverName: "example.com")
        #expect(try !connect(client, server, serverName: "other.com"))
        #expect(try connect(client, server, serverName: "EXAMPLE.COM."))
    }
}

/// A clock that the test moves.
private final class Clock: Sendable {
    private let seconds = Mutex<Int64>(0)
    var now: Int64 { seconds.withLock { $0 } }
    func set(_ value: Int64) { seconds.withLock { $0 = value } }
    func advance(_ by: Int64) { seconds.withLock { $0 += by } }
}
