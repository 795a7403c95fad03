import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("TLS configuration errors name the file and the rule")
struct TLSConfigurationTests {
    let authority: TestAuthority
    let certificate: TestCertificate
    let directory: TemporaryDirectory

    init() throws {
        authority = try TestAuthority()
        certificate = try authority.issue("example.com")
        directory = try TemporaryDirectory()
    }

    /// What a server says of these files.
    private func message(certificates: String, privateKey: String? = nil) throws -> String {
        let chain = PEMSource.file(try directory.write(certificates, to: "chain.pem"))
        let key = try privateKey.map { PEMSource.file(try directory.write($0, to: "key.pem")) }
        do throws(TLSConfigurationError) {
            let identity = TLSIdentity(certificates: chain, privateKey: key)
            _ = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
            return ""
        } catch {
            return error.description.replacing(directory.path + "/", with: "")
        }
    }

    @Test("a chain and its key pass, in two files or in one")
    func passes() throws {
        #expect(try message(certificates: certificate.chain, privateKey: certificate.privateKey) == "")
        #expect(try message(certificates: certificate.chain + certificate.privateKey) == "")
        #expect(try message(certificates: certificate.privateKey + certificate.chain) == "")
        let rsa = try authority.issue(.init(names: ["example.com"], key: .rsa(bits: 2048)))
        #expect(try message(certificates: "a comment\n" + rsa.chain, privateKey: rsa.privateKey) == "")
    }

    @Test("each mistake has its own words")
    func mistakes() throws {
        let key = certificate.privateKey
        let chain = certificate.chain
        let other = try authority.issue("other.com").privateKey
        let cut = String(chain.prefix(chain.count / 2))
        #expect(try message(certificates: "", privateKey: key) == "chain.pem: no certificate in PEM form")
        #expect(try message(certificates: key, privateKey: key) == "chain.pem: no certificate in PEM form")
        #expect(try message(certificates: cut, privateKey: key).hasPrefix("chain.pem: a certificate is malformed: "))
        #expect(
            try message(certificates: chain.replacing("MII", with: "MIX"), privateKey: key)
                .hasPrefix("chain.pem: a certificate is malformed: "))
        #expect(try message(certificates: chain, privateKey: chain) == "key.pem: no private key in PEM form")
        #expect(try message(certificates: chain) == "chain.pem: no private key in PEM form")
        #expect(
            try message(certificates: chain, privateKey: other)
                == "key.pem: the key does not match the certificate in chain.pem")
        #expect(
            try message(certificates: chain, privateKey: String(key.prefix(60)) + "\n-----END PRIVATE KEY-----\n")
                .hasPrefix("key.pem: the private key is malformed: "))
        #expect(
            try message(certificates: chain, privateKey: certificate.encryptedPrivateKey(passphrase: "secret"))
                == "key.pem: the private key is encrypted; a key without a passphrase is needed")
        let weak = try authority.issue(.init(names: ["example.com"], key: .rsa(bits: 1024)))
        #expect(
            try message(certificates: weak.chain, privateKey: weak.privateKey)
                == "chain.pem: the certificate is refused: ee key too small")
    }

    @Test("files that cannot be read are named, all of them at once")
    func unreadable() throws {
        let missing = ["a", "b"].map { TLSIdentity(certificates: .file("\(directory.path)/\($0).pem")) }
        var configuration = TLSServerConfiguration(identities: missing + [TLSIdentity(certificate)])
        configuration.applicationProtocols = ["http/1.1", ""]
        let error = #expect(throws: TLSConfigurationError.self) { try TLSServerContext(configuration) }
        #expect(
            error?.description.replacing(directory.path + "/", with: "") == """
                "" is not an ALPN name of 1 to 255 bytes; \
                a.pem: cannot be read: No such file or directory; b.pem: cannot be read: No such file or directory
                """)
        let folder = TLSIdentity(certificates: .file(directory.path))
        let reason = #expect(throws: TLSConfigurationError.self) {
            try TLSServerContext(TLSServerConfiguration(identities: [folder]))
        }
        #expect(reason?.description == "\(directory.path): is not a regular file")
        let pipe = "\(directory.path)/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        let both = TLSIdentity(certificates: .file(pipe), privateKey: .file("\(directory.path)/none"))
        let problems = #expect(throws: TLSConfigurationError.self) {
            try TLSServerContext(TLSServerConfiguration(identities: [both]))
        }
        #expect(
            problems?.problems == [
                .notFile(source: pipe),
                .unreadable(source: "\(directory.path)/none", SystemError("open", ENOENT)),
            ])
    }

    @Test("no certificate, unknown ciphers and files that are too large or no files are refused")
    func others() throws {
        let none = #expect(throws: TLSConfigurationError.self) {
            try TLSServerContext(TLSServerConfiguration(identities: []))
        }
        #expect(none?.problems == [.noIdentity])
        let ciphers = #expect(throws: TLSConfigurationError.self) {
            try TLSServerContext(certificate) { $0.ciphers = "NONSENSE" }
        }
        #expect(ciphers?.problems == [.invalidCiphers("NONSENSE")])
        let large = try directory.write("", to: "large.pem")
        try #require(truncate(large, PEMSource.maximumBytes + 1) == 0)
        for (path, problem) in [
            ("/dev/zero", TLSConfigurationProblem.notFile(source: "/dev/zero")),
            (large, .oversized(source: large, maximum: PEMSource.maximumBytes)),
        ] {
            let error = #expect(throws: TLSConfigurationError.self) {
                try TLSServerContext(TLSServerConfiguration(identities: [TLSIdentity(certificates: .file(path))]))
            }
            #expect(error?.problems == [problem])
        }
    }

    @Test("a client's authorities are checked as well")
    func authorities() throws {
        for (pem, problem) in [
            ("", TLSConfigurationProblem.noCertificate(source: "PROXY_CA")),
            (certificate.privateKey, .noCertificate(source: "PROXY_CA")),
        ] {
            var configuration = TLSClientConfiguration()
            configuration.authorities = .custom(.text(pem, name: "PROXY_CA"))
            let error = #expect(throws: TLSConfigurationError.self) { try TLSClientContext(configuration) }
            #expect(error?.problems == [problem])
        }
    }

    @Test("a source describes itself without its bytes")
    func redaction() {
        let source = PEMSource.text(certificate.privateKey, name: "PROXY_TLS_KEY")
        #expect("\(source)" == "PROXY_TLS_KEY")
        #expect(!String(reflecting: source).contains("PRIVATE"))
        var dumped = ""
        dump(source, to: &dumped)
        #expect(!dumped.contains("bytes"), "nor in a dump")
    }
}

@Suite("TLS certificates are exchanged while the server serves")
struct TLSReloadTests {
    let authority: TestAuthority
    let directory: TemporaryDirectory

    init() throws {
        authority = try TestAuthority()
        directory = try TemporaryDirectory()
    }

    private func server(_ certificate: TestCertificate) throws -> TLSServerContext {
        let paths = try certificate.write(to: directory, name: "server")
        let identity = TLSIdentity(certificates: .file(paths.certificates), privateKey: .file(paths.privateKey))
        return try TLSServerContext(TLSServerConfiguration(identities: [identity]))
    }

    private func pair(_ server: TLSServerContext, _ name: String) throws -> TLSPair {
        try TLSPair(client: TLSClientContext(trusting: authority), server: server, serverName: name)
    }

    @Test("new connections get the new certificate, those under way keep the old")
    func reload() throws {
        let server = try server(authority.issue("old.com"))
        let established = try pair(server, "old.com")
        try established.run()
        let halfway = try pair(server, "old.com")
        _ = try authority.issue("new.com").write(to: directory, name: "server")
        try server.reload()
        #expect(server.certificates.map(\.names) == [["new.com"]])
        try pair(server, "new.com").run()
        #expect(try pair(server, "old.com").runToEnd().client?.kind == .certificate(.wrongName))
        try halfway.run()
        try established.write([1], fromClient: true)
        try established.run()
        #expect(established.atServer.plaintext == [1])
    }

    @Test("a bad certificate leaves the old one serving, and says why")
    func badReload() throws {
        let server = try server(authority.issue("old.com"))
        // The certificate is already new and the key still old, as when files are written one after the other.
        try directory.write(authority.issue("new.com").chain, to: "server.pem")
        let error = #expect(throws: TLSConfigurationError.self) { try server.reload() }
        #expect(
            error?.problems
                == [.keyMismatch(certificate: "\(directory.path)/server.pem", key: "\(directory.path)/server.key")])
        try directory.write("", to: "server.pem")
        #expect(throws: TLSConfigurationError.self) { try server.reload() }
        try pair(server, "old.com").run()
        #expect(server.certificates.map(\.names) == [["old.com"]])
    }

    @Test("another configuration takes over whole")
    func replace() throws {
        let server = try server(authority.issue("old.com"))
        var configuration = TLSServerConfiguration(identities: [TLSIdentity(try authority.issue("new.com"))])
        configuration.applicationProtocols = ["http/1.1"]
        try server.replace(with: configuration)
        let client = try TLSClientContext(trusting: authority) { $0.applicationProtocols = ["http/1.1"] }
        let pair = try TLSPair(client: client, server: server, serverName: "new.com")
        try pair.run()
        #expect(pair.server.negotiated?.applicationProtocol == "http/1.1")
    }

    @Test("what was replaced is freed with its last connection")
    func freed() throws {
        let server = try server(authority.issue("old.com"))
        weak let old = server.credentials
        var connection: TLSPair? = try pair(server, "old.com")
        try connection?.run()
        weak let engine = connection?.server
        try server.reload()
        #expect(old != nil && engine != nil)
        connection = nil
        #expect(old == nil && engine == nil)
    }
}

@Suite("TLS contexts serve many threads")
struct TLSThreadsTests {
    @Test("handshakes on four threads while certificates are reloaded")
    func threads() async throws {
        let authority = try TestAuthority()
        let server = try TLSServerContext(authority.issue("example.com"), authority.issue("*.example.com"))
        let client = try TLSClientContext(trusting: authority) { $0.maximumSessions = 2 }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    var resumed = 0
                    for round in 0..<25 {
                        let name = round % 2 == 0 ? "example.com" : "s\(round % 3).example.com"
                        let pair = try TLSPair(
                            client: client, server: server, serverName: name, seed: UInt64(thread * 100 + round))
                        try pair.run()
                        try pair.write(pattern(1_000), fromClient: false)
                        try pair.run()
                        guard pair.atClient.plaintext == pattern(1_000) else { throw CancellationError() }
                        if pair.server.negotiated?.resumed == true { resumed += 1 }
                    }
                    return resumed
                }
            }
            group.addTask {
                for _ in 0..<20 { try server.reload() }
                return 0
            }
            let resumed = try await group.reduce(0, +)
            #expect(resumed > 0)
        }
    }
}
