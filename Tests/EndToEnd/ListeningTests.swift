import TestKit
import Testing

@Suite("sluice-proxy and its addresses")
struct ListeningTests {
    @Test("the banner names every address, and each is served")
    func banner() async throws {
        let files = try TemporaryDirectory()
        let certificate = try TestCertificate.selfSigned(.init(names: ["localhost"])).write(to: files, name: "server")
        let variables = [
            "PROXY_RTMPS_SERVER": "[::1]:0", "PROXY_HTTPS_SERVER": "127.0.0.1:0", "PROXY_SYSTEM_API": "[::1]:0",
            "PROXY_TLS_CERTIFICATE": certificate.certificates, "PROXY_TLS_KEY": certificate.privateKey,
        ]
        try await withProxy(variables) { proxy in
            let listeners = proxy.listeners
            let named = listeners.map { "\($0.service) \($0.setting)" }
            #expect(
                named == [
                    "rtmp PROXY_RTMP_SERVER", "rtmp PROXY_RTMPS_SERVER", "media PROXY_HTTP_SERVER",
                    "media PROXY_HTTPS_SERVER", "api PROXY_HTTP_API", "system PROXY_SYSTEM_API",
                ])
            let urls = listeners.map { String($0.url.dropLast("\($0.port)".count)) }
            #expect(
                urls == [
                    "rtmp://localhost:", "rtmps://[::1]:", "http://localhost:", "https://127.0.0.1:",
                    "http://localhost:", "http://[::1]:",
                ])
            for listener in listeners where listener.service != "rtmp" {
                let answer = try await Curl.get(listener.url + "/healthz", ["--insecure"])
                #expect(answer.status == 200, "\(listener.url): \(answer.errors)")
            }
            let serving = try await proxy.waitForLog("serving")
            #expect(serving.number("pid") == Double(proxy.program.pid) && serving.number("loops") == 2)
        }
    }

    @Test("--ready-fd is told every address that is served, whatever is logged")
    func readyDescriptor() async throws {
        let files = try TemporaryDirectory()
        let certificate = try TestCertificate.selfSigned(.init(names: ["localhost"])).write(to: files, name: "server")
        let own = [
            "PROXY_HTTPS_SERVER": "127.0.0.1:0", "PROXY_TLS_CERTIFICATE": certificate.certificates,
            "PROXY_TLS_KEY": certificate.privateKey, "PROXY_LOG_LEVEL": "error",
        ]
        let program = try RunningProgram(
            "/bin/sh", ["-c", "exec \"$0\" --ready-fd 5 5>&1", ProxyProcess.path()],
            environment: ProxyProcess.variables.merging(own) { _, own in own }, directory: files.path)
        defer { program.end() }
        let lines = try await program.output.wait(count: 5, within: .seconds(20)).map { $0.dropLast() }
        #expect(lines.map { $0.prefix { $0 != " " } } == ["rtmp", "media", "media", "api", "system"])
        for line in lines.dropFirst() {
            let url = line.drop { $0 != " " }.dropFirst()
            #expect(try await Curl.get("\(url)/readyz", ["--insecure"]).status == 200, "\(line)")
        }
        #expect(program.errors.events.isEmpty)
    }

    @Test("ports that another program and another proxy have are all named, and stop the start")
    func taken() async throws {
        let other = try TakenPort()
        defer { other.close() }
        try await withProxy { first in
            let system = first.port(.system)
            let setup = ProxyProcess.Setup(variables: [
                "PROXY_HTTP_API": "\(other.port)", "PROXY_SYSTEM_API": "127.0.0.1:\(system)",
            ])
            let second = try ProxyProcess(setup)
            defer { second.program.end() }
            #expect(try await second.waitForExit() == .status(1))
            _ = try await second.program.waitForOutput()
            let failures = second.log.filter { $0.level == "error" }
            #expect(failures.map(\.message) == ["cannot listen", "cannot listen"])
            #expect(
                failures.map { $0["reason"] } == [
                    "PROXY_HTTP_API: cannot listen on [::]:\(other.port): Address already in use",
                    "PROXY_SYSTEM_API: cannot listen on 127.0.0.1:\(system): Address already in use",
                ])
            #expect(second.listeners.isEmpty)
            #expect(try await Curl.get(first.url(.system, "/readyz")).status == 200)
        }
    }

    @Test("of proxies that start at once on one port, one serves and the others say why they do not")
    func race() async throws {
        let port = try TakenPort(.reserved)
        defer { port.close() }
        let setup = ProxyProcess.Setup(variables: ["PROXY_HTTP_API": "127.0.0.1:\(port.port)"])
        let proxies = try (0..<4).map { _ in try ProxyProcess(setup) }
        defer { for proxy in proxies { proxy.program.end() } }
        var serving = 0
        for proxy in proxies {
            let lines = try await proxy.program.errors.wait(for: "an outcome", within: .seconds(20)) { lines in
                lines.contains { $0.contains("\"serving\"") || $0.contains("\"cannot listen\"") }
            }
            if lines.contains(where: { $0.contains("\"serving\"") }) { serving += 1 }
        }
        #expect(serving == 1)
    }

    @Test("an address that this machine does not have stops the start")
    func foreign() async throws {
        let proxy = try ProxyProcess(.init(variables: ["PROXY_HTTP_SERVER": "192.0.2.1:8080"]))
        defer { proxy.program.end() }
        #expect(try await proxy.waitForExit() == .status(1))
        let line = try await proxy.waitForLog("cannot listen")
        #expect(
            line["reason"] == "PROXY_HTTP_SERVER: cannot listen on 192.0.2.1:8080: Cannot assign requested address")
    }

    @Test("a port is free again as soon as its proxy has ended")
    func again() async throws {
        let port = try await withProxy { proxy in
            let port = proxy.port(.api)
            // Connections that the proxy closes first leave traces of the port for a minute.
            for _ in 0..<5 { _ = try await Curl.get(proxy.url(.api, "/healthz"), ["--http1.0"]) }
            proxy.terminate()
            #expect(try await proxy.waitForExit() == .status(0))
            return port
        }
        try await withProxy(["PROXY_HTTP_API": "\(port)"]) { proxy in
            let answer = try await Curl.get(proxy.url(.api, "/healthz"))
            #expect(proxy.port(.api) == port && answer.status == 200)
        }
    }
}
