import TestKit
import Testing

@testable import Reactor

@Suite("TLS clients verify their server")
struct TLSVerificationTests {
    let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    /// The errors of a client that trusts `authority` and asks for `serverName`, and of its server.
    private func errors(
        _ certificate: TestCertificate, serverName: String = "example.com", client: TLSClientContext? = nil,
        version: TLSVersion = .tls13
    ) throws -> (client: TLSError?, server: TLSError?) {
        let trusting = try TLSClientContext(trusting: authority) { $0.versions = version...version }
        let pair = try TLSPair(
            client: client ?? trusting, server: TLSServerContext(certificate), serverName: serverName)
        return pair.runToEnd()
    }

    @Test("verification is on unless it is switched off")
    func defaults() throws {
        #expect(TLSClientConfiguration().verification == .full)
        #expect(TLSClientConfiguration().authorities == .system)
        let context = try TLSClientContext()
        let result = try errors(authority.issue("example.com"), client: context)
        #expect(result.client?.kind == .certificate(.unknownAuthority))
        #expect(result.client?.reason == "unable to get local issuer certificate")
        #expect(result.server?.kind == .alert(.unknownAuthority))
    }

    @Test("a name or address in the certificate passes, by either version", arguments: TLSVersion.allCases)
    func passes(version: TLSVersion) throws {
        let certificate = try authority.issue(
            "example.com", "*.media.example.com", addresses: ["127.0.0.1", "2001:db8::1"])
        for name in [
            "example.com", "EXAMPLE.com", "example.com.", "a.media.example.com", "127.0.0.1", "2001:db8::1",
            "[2001:db8::1]", "2001:0db8:0:0::1",
        ] {
            let result = try errors(certificate, serverName: name, version: version)
            #expect(result.client == nil && result.server == nil, "\(name)")
        }
    }

    @Test(
        "a certificate for others is refused",
        arguments: [
            "other.com", "sub.example.com", "a.b.media.example.com", "media.example.com", "127.0.0.2", "2001:db8::2",
            "example.comm",
        ])
    func wrongName(name: String) throws {
        let certificate = try authority.issue("example.com", "*.media.example.com", addresses: ["127.0.0.1"])
        let result = try errors(certificate, serverName: name)
        #expect(result.client?.kind == .certificate(.wrongName))
        #expect(result.server?.kind == .alert(.badCertificate))
    }

    @Test("an address is not matched by a DNS name that spells it")
    func addressAsName() throws {
        let result = try errors(authority.issue("127.0.0.1"), serverName: "127.0.0.1")
        #expect(result.client?.kind == .certificate(.wrongName))
    }

    @Test("a certificate out of its time is refused")
    func outOfTime() throws {
        let expired = try authority.issue(.init(names: ["example.com"], validity: -7_200...(-3_600)))
        let result = try errors(expired)
        #expect(result.client == TLSError(kind: .certificate(.expired), reason: "certificate has expired"))
        #expect(result.server?.kind == .alert(.certificateExpired))
        let early = try authority.issue(.init(names: ["example.com"], validity: 3_600...7_200))
        #expect(try errors(early).client?.kind == .certificate(.notYetValid))
    }

    @Test("a certificate that vouches for itself is refused, and passes where it is trusted itself")
    func selfSigned() throws {
        let certificate = try TestCertificate.selfSigned(.init(names: ["example.com"]))
        #expect(try errors(certificate).client?.kind == .certificate(.selfSigned))
        var configuration = TLSClientConfiguration()
        configuration.authorities = .custom(.text(certificate.certificate))
        #expect(try errors(certificate, client: TLSClientContext(configuration)).client == nil)
    }

    @Test("another authority of the same name is refused")
    func otherAuthority() throws {
        let result = try errors(TestAuthority(name: "Somebody else").issue("example.com"))
        #expect(result.client?.kind == .certificate(.unknownAuthority))
        #expect(try errors(TestAuthority().issue("example.com")).client?.kind != nil)
    }

    @Test("a chain needs its intermediates")
    func intermediates() throws {
        let certificate = try authority.intermediate(name: "Test intermediate").issue("example.com")
        #expect(try errors(certificate).client == nil)
        let bare = TLSIdentity(
            certificates: .text(certificate.certificate), privateKey: .text(certificate.privateKey))
        let server = try TLSServerContext(TLSServerConfiguration(identities: [bare]))
        let pair = try TLSPair(client: TLSClientContext(trusting: authority), server: server)
        #expect(pair.runToEnd().client?.kind == .certificate(.unknownAuthority))
    }

    @Test("only what is told to accept anybody accepts anybody")
    func verificationOff() throws {
        var configuration = TLSClientConfiguration()
        configuration.verification = .none
        let certificate = try TestCertificate.selfSigned(.init(names: ["elsewhere"], validity: -7_200...(-3_600)))
        #expect(try errors(certificate, client: TLSClientContext(configuration)).client == nil)
    }

    @Test("an authority in a file is trusted, several are too")
    func authoritiesFromFile() throws {
        let directory = try TemporaryDirectory()
        let other = try TestAuthority(name: "Second root")
        let path = try directory.write(authority.certificate + other.certificate, to: "roots.pem")
        var configuration = TLSClientConfiguration()
        configuration.authorities = .custom(.file(path))
        let context = try TLSClientContext(configuration)
        #expect(try errors(authority.issue("example.com"), client: context).client == nil)
        #expect(try errors(other.issue("example.com"), client: context).client == nil)
    }

    @Test("names are sent to the server and addresses are not")
    func serverNameIndication() throws {
        let certificate = try authority.issue("example.com", addresses: ["127.0.0.1", "::1"])
        for (name, sent) in [("Example.com.", "example.com"), ("127.0.0.1", nil), ("[::1]", nil)] {
            let pair = try TLSPair(
                client: TLSClientContext(trusting: authority), server: TLSServerContext(certificate), serverName: name)
            try pair.run()
            #expect(pair.server.negotiated?.serverName == sent)
        }
    }

    @Test(
        "what is no name is refused before anything is sent",
        arguments: ["", ".", "[]", "a\0b", String(repeating: "a", count: 256)])
    func noName(name: String) throws {
        let context = try TLSClientContext(trusting: authority)
        #expect(throws: TLSError(kind: .invalidServerName, reason: "")) {
            try TLSEngine(client: context, serverName: name)
        }
    }
}
