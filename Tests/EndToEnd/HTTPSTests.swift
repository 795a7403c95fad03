import Glibc
import TestKit
import Testing

@Suite("sluice-proxy over HTTPS")
struct HTTPSTests {
    private let first: TestAuthority
    private let second: TestAuthority
    private let files: TemporaryDirectory

    init() throws {
        first = try TestAuthority(name: "First root")
        second = try TestAuthority(name: "Second root")
        files = try TemporaryDirectory()
        try files.write(first.certificate, to: "first.pem")
        try files.write(second.certificate, to: "second.pem")
        try install(first.issue("localhost", addresses: ["127.0.0.1"]))
    }

    private func install(_ certificate: TestCertificate) throws { _ = try certificate.write(to: files, name: "server") }

    private var variables: [String: String] {
        [
            "PROXY_HTTPS_SERVER": "0", "PROXY_TLS_CERTIFICATE": "\(files.path)/server.pem",
            "PROXY_TLS_KEY": "\(files.path)/server.key",
        ]
    }

    /// Asks for the health by HTTPS, trusting one root alone.
    private func health(of proxy: ProxyProcess, trusting root: String, _ more: [String] = []) async throws -> Answer {
        let url = "https://localhost:\(proxy.port(.media, isSecure: true))/healthz"
        return try await Curl.get(url, ["--cacert", "\(files.path)/\(root).pem"] + more)
    }

    @Test("a client that trusts the authority is served, by TLS 1.2 and 1.3, over IPv4 and IPv6; another is not")
    func serves() async throws {
        try await withProxy(variables) { proxy in
            for options in [["--tls-max", "1.2"], ["--tlsv1.3"], ["-4"], ["-6"]] {
                let answer = try await health(of: proxy, trusting: "first", options)
                #expect(answer.status == 200 && answer.json["code"] as? Int == 0, "\(options): \(answer.errors)")
            }
            let distrusted = try await health(of: proxy, trusting: "second")
            #expect(distrusted.curl == 60 && distrusted.status == 0)
            let plain = try await Curl.get("http://localhost:\(proxy.port(.media, isSecure: true))/healthz")
            #expect(plain.status == 0, "plain HTTP on the TLS port is not answered")
            #expect(try await health(of: proxy, trusting: "first").status == 200)
        }
    }

    @Test("SIGHUP serves a new certificate to new clients; a connection under way does not notice")
    func reload() async throws {
        try await withProxy(variables) { proxy in
            let client = try TLSClient(port: proxy.port(.media, isSecure: true), root: "\(files.path)/first.pem")
            defer { client.end() }
            #expect(try await client.get("/healthz", count: 1) == 1)

            try install(second.issue("localhost", addresses: ["127.0.0.1"]))
            #expect(try await health(of: proxy, trusting: "first").status == 200, "not before the signal")
            proxy.program.signal(SIGHUP)
            try await proxy.waitForLog("certificate reloaded")
            #expect(try await health(of: proxy, trusting: "second").status == 200)
            #expect(try await health(of: proxy, trusting: "first").curl == 60)
            #expect(try await client.get("/healthz", count: 2) == 2)
        }
    }

    @Test("a broken new certificate leaves the old one in use and is an error in the log")
    func brokenReload() async throws {
        try await withProxy(variables) { proxy in
            try files.write("-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----\n", to: "server.pem")
            proxy.program.signal(SIGHUP)
            let line = try await proxy.waitForLog("certificate not reloaded, the old one stays")
            #expect(line.level == "error" && line["reason"]?.contains("server.pem") == true)
            #expect(try await health(of: proxy, trusting: "first").status == 200)

            // A key that belongs to another certificate.
            try files.write(try first.issue("localhost").certificate, to: "server.pem")
            proxy.program.signal(SIGHUP)
            try await proxy.waitForLog("certificate not reloaded, the old one stays", count: 2)
            #expect(try await health(of: proxy, trusting: "first").status == 200)

            try install(second.issue("localhost", addresses: ["127.0.0.1"]))
            proxy.program.signal(SIGHUP)
            try await proxy.waitForLog("certificate reloaded")
            #expect(try await health(of: proxy, trusting: "second").status == 200)
        }
    }

    @Test("SIGHUP without a certificate does no harm")
    func nothingToReload() async throws {
        try await withProxy { proxy in
            proxy.program.signal(SIGHUP)
            try await proxy.waitForLog("nothing to reload")
            #expect(try await Curl.get(proxy.url(.api, "/readyz")).status == 200)
        }
    }

    @Test("a certificate that cannot be used stops the start and names the file")
    func brokenStart() async throws {
        try files.write("nothing", to: "server.pem")
        let proxy = try ProxyProcess(.init(variables: variables))
        defer { proxy.program.end() }
        #expect(try await proxy.waitForExit() == .status(78))
        let line = try await proxy.waitForLog("cannot use the certificate")
        #expect(line.level == "error" && line["reason"]?.contains("server.pem") == true)
        #expect(proxy.listeners.isEmpty)
    }

    @Test("a certificate, a key and a port that cannot be used are all named at one start")
    func everythingBroken() async throws {
        let port = try TakenPort()
        defer { port.close() }
        #expect(mkfifo("\(files.path)/pipe", 0o600) == 0)
        let own = [
            "PROXY_TLS_CERTIFICATE": "\(files.path)/pipe", "PROXY_TLS_KEY": "\(files.path)/none",
            "PROXY_SYSTEM_API": "127.0.0.1:\(port.port)",
        ]
        let proxy = try ProxyProcess(.init(variables: variables.merging(own) { _, own in own }))
        defer { proxy.program.end() }
        #expect(try await proxy.waitForExit() == .status(78))
        _ = try await proxy.program.waitForOutput()
        let reasons = proxy.log.filter { $0.level == "error" }.compactMap { $0["reason"] }
        #expect(reasons.count == 3)
        #expect(reasons.contains { $0.contains("pipe: is not a regular file") })
        #expect(reasons.contains { $0.contains("none: cannot be read: No such file") })
        #expect(reasons.contains { $0.contains("PROXY_SYSTEM_API: cannot listen") })
    }
}

/// `openssl s_client`, which keeps its connection.
private final class TLSClient {
    private let program: RunningProgram

    init(port: UInt16, root: String) throws {
        program = try RunningProgram(
            "/usr/bin/openssl",
            ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", root, "-verify_return_error", "-quiet"])
    }

    /// Sends one request and waits until as many answers have come as there should be by now.
    func get(_ path: String, count: Int) async throws -> Int {
        try program.write(Request.get(path))
        // An answer's body ends without a line break: the next answer follows on its line.
        let lines = try await program.output.wait(for: "answer \(count)") { lines in
            lines.count { $0.contains("HTTP/1.1 200 ") } >= count
        }
        return lines.count { $0.contains("HTTP/1.1 200 ") }
    }

    func end() { program.end() }
}
