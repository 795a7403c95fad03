import TestKit
import Testing

@Suite("sluice-proxy and its configuration")
struct ConfigurationTests {
    private func run(_ arguments: [String], _ variables: [String: String] = [:]) async throws -> RunningProgram.Result {
        let directory = try TemporaryDirectory()
        return try await RunningProgram.run(
            ProxyProcess.path(), arguments, environment: variables, directory: directory.path)
    }

    @Test("every mistake is told at once, with nothing started and the status for a bad configuration")
    func mistakes() async throws {
        let result = try await run(
            ["--loops=many"],
            [
                "PROXY_RTMP_SERVER": "19x5", "PROXY_HTTP_API": "localhost:80", "PROXY_REDIS_PORT": "99999",
                "PROXY_REDIS_DB": "-1", "PROXY_GRACE_QUIT_TIMEOUT": "soon", "PROXY_LOG_LEVEL": "loud",
                "PROXY_HTTPS_SERVER": "8443", "PROXY_HTTP_SERVR": "1",
            ])
        let expected = """
            sluice-proxy: PROXY_RTMP_SERVER: "19x5" is not a port from 1 to 65535
            sluice-proxy: PROXY_HTTP_API: "localhost:80" has no IP address before its port: it is written port or \
            [address]:port
            sluice-proxy: PROXY_REDIS_PORT: "99999" is not a port from 1 to 65535
            sluice-proxy: PROXY_REDIS_DB: "-1" is not a number from 0 to 2147483647
            sluice-proxy: PROXY_GRACE_QUIT_TIMEOUT: "soon" is not a duration such as 20s, 500ms or 1m30s
            sluice-proxy: PROXY_LOG_LEVEL: "loud" is not a level (error, warning, info, debug)
            sluice-proxy: --loops: "many" is not a number from 1 to 1024
            sluice-proxy: PROXY_HTTPS_SERVER: needs PROXY_TLS_CERTIFICATE and PROXY_TLS_KEY
            sluice-proxy: warning: PROXY_HTTP_SERVR is not known; did you mean PROXY_HTTP_SERVER?

            """
        #expect(result.errors == expected)
        #expect(result.exit == .status(78) && result.output.isEmpty)
    }

    @Test("an unknown variable is warned about with the nearest name, and stops nothing")
    func unknownVariable() async throws {
        try await withProxy(["PROXY_HTP_API": "1"]) { proxy in
            let line = try await proxy.waitForLog("configuration")
            #expect(line.level == "warning")
            #expect(line["warning"] == "PROXY_HTP_API is not known; did you mean PROXY_HTTP_API?")
        }
    }

    @Test("a secret that is set appears nowhere")
    func secret() async throws {
        try await withProxy(["PROXY_REDIS_PASSWORD": "hunter2", "PROXY_LOG_LEVEL": "debug"]) { proxy in
            _ = try await Curl.get(proxy.url(.system, "/metrics"))
            proxy.terminate()
            #expect(try await proxy.waitForExit() == .status(0))
            let (output, errors) = try await proxy.program.waitForOutput()
            #expect(!output.contains("hunter2") && !errors.contains("hunter2"))
        }
    }

    @Test(".env in the working directory is read, and the environment overrides it")
    func environmentFile() async throws {
        let file = """
            # where to listen
            PROXY_HTTP_SERVER=127.0.0.1:0
            export PROXY_SYSTEM_API="127.0.0.1:0"  # overridden
            PROXY_LOOPS = 1
            """
        // Empty ones are not passed on.
        let variables = ["PROXY_HTTP_SERVER": "", "PROXY_SYSTEM_API": "[::1]:0", "PROXY_LOOPS": ""]
        try await withProxy(.init(variables: variables, files: [".env": file])) { proxy in
            #expect(proxy.listeners.map(\.service) == ["rtmp", "media", "api", "system"])
            #expect(proxy.listeners[1].address.hasPrefix("127.0.0.1:"))
            #expect(proxy.listeners[3].address.hasPrefix("[::1]:"))
            let serving = try await proxy.waitForLog("serving")
            #expect(serving.number("loops") == 1)
        }
    }

    @Test("a mistake in .env is told with its line")
    func mistakeInFile() async throws {
        let files = [".env": "PROXY_LOOPS=1\n\nPROXY_HTTP_API=http\nnonsense\n"]
        let proxy = try ProxyProcess(.init(variables: ["PROXY_HTTP_API": ""], files: files))
        defer { proxy.program.end() }
        #expect(try await proxy.waitForExit() == .status(78))
        #expect(
            try await proxy.program.waitForOutput().errors == """
                sluice-proxy: .env:4: has no "=" after the name
                sluice-proxy: PROXY_HTTP_API: "http" is not a port from 1 to 65535 (.env:3)

                """)
    }

    @Test("--version and --help answer on standard output, whatever the environment says")
    func questions() async throws {
        let broken = ["PROXY_LOOPS": "none"]
        let version = try await run(["--version"], broken)
        #expect(version.exit == .status(0) && version.errors.isEmpty)
        let isWhole = version.output.wholeMatch(of: /sluice-proxy \d+\.\d+\.\d+\n/) != nil
        #expect(isWhole, "\(version.output)")
        for option in ["--help", "-h"] {
            let help = try await run([option], broken)
            #expect(help.exit == .status(0) && help.errors.isEmpty)
            #expect(help.output.hasPrefix("usage: sluice-proxy [options]\n"))
            for name in ["--loops", "--env-file", "PROXY_RTMP_SERVER (11935)", "PROXY_FORCE_QUIT_TIMEOUT (30s)"] {
                #expect(help.output.contains(name))
            }
        }
    }

    @Test("an unknown option is a mistake with a suggestion")
    func unknownOption() async throws {
        let result = try await run(["--lops", "4", "--verson"])
        #expect(result.exit == .status(78) && result.output.isEmpty)
        #expect(
            result.errors == """
                sluice-proxy: --lops is not known; did you mean --loops?
                sluice-proxy: "4": is not an option
                sluice-proxy: --verson is not known; did you mean --version?

                """)
    }
}
