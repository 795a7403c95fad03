import TestKit
import Testing

@testable import Reactor

@Suite("TLS servers choose a certificate by name")
struct TLSServerNameTests {
    @Test(
        "exact names before wildcards, wildcards for one label, the default for the rest",
        arguments: [
            ("a.com", 0), ("b.com", 1), ("B.COM", 1), ("x.b.com", 2), ("live.b.com", 1), ("x.y.b.com", 0),
            (".b.com", 0),
            ("c.com", 0), ("", 0), ("com", 0), ("*.b.com", 0),
        ])
    func table(name: String, index: Int) {
        var table = ServerNameTable()
        table.add(["a.com"], index: 0)
        table.add(["b.com", "live.b.com"], index: 1)
        table.add(["*.B.com", "b.com"], index: 2)
        #expect(table.index(for: name) == (name == "*.b.com" ? 2 : index))
    }

    @Test("the client gets the certificate for the name it asks for", arguments: TLSVersion.allCases)
    func selection(version: TLSVersion) throws {
        let authority = try TestAuthority()
        // Each client trusts all; a wrong choice fails its check of the name.
        let server = try TLSServerContext(
            authority.issue("default.com"), authority.issue("live.example.com"), authority.issue("*.example.com"))
        let client = try TLSClientContext(trusting: authority) { $0.versions = version...version }
        for name in ["default.com", "live.example.com", "vod.example.com", "LIVE.example.com"] {
            let pair = try TLSPair(client: client, server: server, serverName: name)
            try pair.run()
            #expect(pair.server.negotiated?.serverName == name.lowercased())
        }
        let pair = try TLSPair(client: client, server: server, serverName: "unknown.com")
        #expect(pair.runToEnd().client?.kind == .certificate(.wrongName))
    }

    @Test("the certificates in use are told with their names and end")
    func summaries() throws {
        let authority = try TestAuthority()
        let server = try TLSServerContext(
            authority.issue("a.com", "*.a.com", addresses: ["10.0.0.1"]),
            authority.issue(.init(names: ["b.com"], validity: -10...1_000)))
        #expect(server.certificates.map(\.names) == [["a.com", "*.a.com"], ["b.com"]])
        #expect(server.certificates[0].expiry - server.certificates[1].expiry > 80_000)
    }

    @Test("a certificate without names is for its common name")
    func commonName() throws {
        let certificate = try TestAuthority().issue(TestCertificate.Content())
        #expect(try TLSServerContext(certificate).certificates[0].names == ["leaf"])
    }
}

@Suite("TLS agrees on an application protocol")
struct TLSApplicationProtocolTests {
    private func negotiate(client: [String], server: [String]) throws -> (TLSPair, TLSError?, TLSError?) {
        let authority = try TestAuthority()
        let pair = try TLSPair(
            client: TLSClientContext(trusting: authority) { $0.applicationProtocols = client },
            server: TLSServerContext(authority.issue("example.com")) { $0.applicationProtocols = server })
        let errors = pair.runToEnd()
        return (pair, errors.client, errors.server)
    }

    @Test(
        "the server's order decides; no offer or no list is no choice",
        arguments: [
            (["http/1.1"], ["http/1.1"], "http/1.1"), (["h2", "http/1.1"], ["http/1.1", "h2"], "http/1.1"),
            (["a", "ab", "abc"], ["abcd", "abc"], "abc"), ([], ["http/1.1"], nil), (["h2"], [], nil),
        ] as [([String], [String], String?)])
    func choice(client: [String], server: [String], chosen: String?) throws {
        let (pair, clientError, serverError) = try negotiate(client: client, server: server)
        #expect(clientError == nil && serverError == nil)
        #expect(pair.client.negotiated?.applicationProtocol == chosen)
        #expect(pair.server.negotiated?.applicationProtocol == chosen)
    }

    @Test("nothing in common is refused")
    func nothingInCommon() throws {
        let (_, clientError, serverError) = try negotiate(client: ["h2"], server: ["http/1.1"])
        #expect(serverError?.kind == .noCommonApplicationProtocol)
        #expect(clientError?.kind == .alert(.noApplicationProtocol))
    }

    @Test("a malformed offer has no protocol in common", arguments: [[], [0], [5, 97], [1], [1, 98, 9]] as [[UInt8]])
    func malformedOffer(offer: [UInt8]) throws {
        #expect(try ApplicationProtocols(["a", "abc"]).firstCommon(with: offer) == nil)
    }
}
