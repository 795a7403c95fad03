import Foundation
import TestKit
import Testing

@Suite("sluice-origin")
struct OriginProgramTests {
    private static let host = "vhost __defaultVhost__ { }"

    // MARK: - The command line

    @Test(
        "answers what it is asked for, and does not start",
        arguments: [
            (["-v"], "0.1.0\n"), (["-V"], "0.1.0\n"), (["--version"], "0.1.0\n"), (["-g"], "Sluice/0.1.0\n"),
            (["-t"], "the configuration is valid\n"), (["-t", "-c", "good.conf"], "the configuration is valid\n"),
            (["-t", "-e"], "the configuration is valid\n"),
        ])
    func asked(arguments: [String], expected: String) async throws {
        let run = try await OriginUnderTest.run(arguments, files: ["good.conf": "listen 1935; \(Self.host)"])
        #expect(run.exit == .status(0) && run.output == expected && run.errors.isEmpty)
    }

    @Test("prints the reference that is in docs/")
    func reference() async throws {
        let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../docs/origin-configuration.md").standardized
        let run = try await OriginUnderTest.run(["--reference"])
        let written = try String(contentsOf: docs, encoding: .utf8)
        #expect(run.exit == .status(0) && run.output == written)
        let help = try await OriginUnderTest.run(["-h"])
        #expect(help.exit == .status(0) && help.output.hasPrefix("usage: sluice-origin [options]\n"))
    }

    @Test(
        "refuses a file, with everything that is wrong in it, whether it is tested or run", arguments: [["-t"], []])
    func badFile(mode: [String]) async throws {
        let text = """
            listen 19x5;
            vhost a {
                play { gop_cash on; mw_latency -1; }
                http_remux { mount /[stream].ts; }
                hls { enabled on; }
            }
            """
        let run = try await OriginUnderTest.run(mode + ["-c", "live.conf"], files: ["live.conf": text])
        #expect(run.exit == .status(78) && run.output.isEmpty)
        #expect(
            run.errors == """
                sluice-origin: live.conf:1:8: listen: "19x5" is not a port from 1 to 65535
                sluice-origin: live.conf:3:12: "gop_cash" is not known in vhost.play; did you mean gop_cache?
                sluice-origin: live.conf:3:36: vhost.play.mw_latency: "-1" is not a number of milliseconds from 0 to 60000
                sluice-origin: live.conf:4:24: vhost.http_remux.mount: "/[stream].ts" is not \
                [vhost]/[app]/[stream].flv or /[app]/[stream].flv: no other is supported yet
                sluice-origin: warning: live.conf:5:5: vhost.hls is not supported yet

                """)
    }

    @Test("refuses options that it does not know, and a file that is not there")
    func badOptions() async throws {
        let run = try await OriginUnderTest.run(["--redy-fd=3", "-c", "none.conf"])
        #expect(run.exit == .status(78))
        #expect(
            run.errors == """
                sluice-origin: --redy-fd is not known; did you mean --ready-fd?
                sluice-origin: none.conf:1:1: cannot read "none.conf": No such file or directory

                """)
    }

    // MARK: - A start

    @Test("variables override the file, and warnings are in the log")
    func variables() async throws {
        let text = "listen 1; http_api { enabled off; } srs_log_tank file; daemon on; \(Self.host)"
        let variables = ["SRS_HTTP_API_ENABLED": "on", "SRS_SERVER_ID": "origin-7", "SRS_DEAMON": "on"]
        try await withOriginUnderTest(["-c", "a.conf"], variables, files: ["a.conf": text]) { origin in
            #expect(origin.port("rtmp") > 1 && origin.port("api") > 0 && origin.port("http") == 0)
            let versions = try await Curl.get(origin.url("api", "/api/v1/versions"))
            #expect(versions.status == 200 && versions.json["server"] as? String == "origin-7")
            #expect(versions.json["pid"] as? String == "\(origin.program.pid)")
            let warnings = origin.log.filter { $0.message == "configuration" }.compactMap { $0["warning"] }
            #expect(warnings.contains { $0.contains("srs_log_tank: logs go to the standard error output") })
            #expect(warnings.contains { $0.contains("SRS_DEAMON") && $0.contains("SRS_DAEMON") })
        }
    }

    @Test("the log has nothing of a start and an end where its level is error")
    func quiet() async throws {
        let program = try RunningProgram(
            "/bin/sh", ["-c", "exec \"$0\" --ready-fd 5 5>&1", OriginUnderTest.path()],
            environment: OriginUnderTest.variables.merging(["SRS_LOG_LEVEL": "error"]) { _, own in own })
        defer { program.end() }
        _ = try await program.output.wait(count: 3, within: .seconds(20))
        program.signal(SIGTERM)
        #expect(try await program.waitForExit() == .status(0))
        #expect(try await program.waitForOutput().errors.isEmpty)
    }

    @Test("goes to its directory, writes its process id there, and takes it away at the end")
    func processFile() async throws {
        let folder = try TemporaryDirectory()
        let conf = "listen 0; work_dir \(folder.path); pid ./origin.pid; \(Self.host)"
        try await withOriginUnderTest(["-c", "a.conf"], files: ["a.conf": conf]) { origin in
            let path = "\(folder.path)/origin.pid"
            let written = try String(contentsOfFile: path, encoding: .utf8)
            #expect(written == "\(origin.program.pid)\n")
            origin.program.signal(SIGTERM)
            #expect(try await origin.program.waitForExit() == .status(0))
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        let lost = try await OriginUnderTest.run(
            ["-c", "a.conf"], files: ["a.conf": "listen 0; work_dir /none/such; \(Self.host)"])
        #expect(lost.exit == .status(1) && lost.errors.contains("cannot go to work_dir"))
    }

    @Test("--ready-fd is told every address that is served, each with a port of its own")
    func readyDescriptor() async throws {
        let program = try RunningProgram(
            "/bin/sh", ["-c", "exec \"$0\" --ready-fd 5 5>&1", OriginUnderTest.path()],
            environment: OriginUnderTest.variables)
        defer { program.end() }
        let lines = try await program.output.wait(count: 3, within: .seconds(20)).map { String($0.dropLast()) }
        #expect(lines.map { $0.split(separator: ":")[0] } == ["rtmp rtmp", "http http", "api http"])
        #expect(Set(lines.compactMap { $0.split(separator: ":").last }).count == 3)
        for line in lines.dropFirst() {
            let url = line.split(separator: " ")[1]
            #expect(try await Curl.get("\(url)/readyz").status == 200)
        }
    }

    @Test("of two on one port the second says why it does not start, and the first goes on")
    func twice() async throws {
        try await withOriginUnderTest { first in
            let taken = [
                "SRS_LISTEN": "\(first.port("rtmp"))", "SRS_HTTP_SERVER_LISTEN": "127.0.0.1:\(first.port("http"))",
            ]
            let second = try OriginUnderTest([], taken)
            defer { second.program.end() }
            #expect(try await second.program.waitForExit() == .status(1))
            _ = try await second.program.waitForOutput()
            #expect(
                second.log.filter { $0.level == "error" }.compactMap { $0["reason"] } == [
                    "listen: cannot listen on [::]:\(first.port("rtmp")): Address already in use",
                    "http_server.listen: cannot listen on 127.0.0.1:\(first.port("http")): Address already in use",
                ])
            #expect(try await Curl.get(first.url("api", "/readyz")).status == 200)
        }
    }

    // MARK: - Serving

    @Test("the API has the summaries of SRS; metrics and summaries are for operators alone")
    func api() async throws {
        try await withOriginUnderTest { origin in
            let program = try OriginUnderTest.path()
            let client = try Peer(port: origin.port("rtmp"))
            defer { client.close() }
            let deadline = ContinuousClock.now + .seconds(20)
            var system: [String: Any] = [:]
            while system["conn_srs"] as? Int != 1, ContinuousClock.now < deadline {
                let answer = try await Curl.get(origin.url("api", "/api/v1/summaries"))
                #expect(answer.status == 200 && answer.json["code"] as? Int == 0)
                let data = try #require(answer.json["data"] as? [String: Any])
                #expect(data["ok"] as? Bool == true)
                let own = try #require(data["self"] as? [String: Any])
                #expect(own["pid"] as? Int == Int(origin.program.pid) && own["version"] as? String == "0.1.0")
                #expect(own["argv"] as? String == program)
                #expect(own["cwd"] as? String == origin.directory.path && own["mem_kbyte"] as? Int ?? 0 > 1_000)
                system = try #require(data["system"] as? [String: Any])
            }
            #expect(system["conn_srs"] as? Int == 1 && system["cpus"] as? Int ?? 0 > 0)
            for path in ["/metrics", "/api/v1/summaries"] {
                #expect(try await Curl.get(origin.url("http", path)).status == 404)
            }
            #expect(
                try await Curl.get(origin.url("api", "/metrics")).body.contains("sluice_publishers{form=\"rtmp\"} 0"))
        }
    }

    @Test("pages of other sites may read what `crossdomain` lets them")
    func crossDomain() async throws {
        let asked = ["--header", "Origin: http://elsewhere.example"]
        for (server, api) in [("on", "off"), ("off", "on")] {
            let variables = ["SRS_HTTP_SERVER_CROSSDOMAIN": server, "SRS_HTTP_API_CROSSDOMAIN": api]
            try await withOriginUnderTest([], variables) { origin in
                for (service, setting) in [("http", server), ("api", api)] {
                    let answer = try await Curl.get(origin.url(service, "/api/v1/versions"), asked)
                    #expect((answer.fields["access-control-allow-origin"] != nil) == (setting == "on"), "\(service)")
                    let metrics = try await Curl.get(origin.url("api", "/metrics"), asked)
                    #expect(metrics.status == 200 && metrics.fields["access-control-allow-origin"] == nil)
                }
            }
        }
    }

    @Test("one port answers for streams and for the API, where both name it")
    func sharedPort() async throws {
        let port = try TakenPort(.reserved)
        defer { port.close() }
        let same = "127.0.0.1:\(port.port)"
        let variables = ["SRS_HTTP_SERVER_LISTEN": same, "SRS_HTTP_API_LISTEN": same]
        try await withOriginUnderTest([], variables) { origin in
            #expect(origin.address("api").isEmpty)
            for path in ["/metrics", "/api/v1/summaries", "/api/v1/versions", "/healthz"] {
                let answer = try await Curl.get("http://\(same)\(path)")
                #expect(answer.status == 200, "\(path)")
            }
        }
    }

    @Test("metrics on a port of their own, and no more connections than `max_connections`")
    func exporter() async throws {
        let variables = ["SRS_EXPORTER_ENABLED": "on", "SRS_EXPORTER_LISTEN": "0", "SRS_MAX_CONNECTIONS": "2"]
        try await withOriginUnderTest([], variables) { origin in
            let port = origin.port("rtmp")
            let players = try (0..<2).map { try Client.play("rtmp://127.0.0.1:\(port)/live/\($0)") }
            for player in players { try await player.wait(for: "asked") }
            try await onThread {
                let third = try Peer(port: port)
                #expect(third.readToEnd().end != .stillOpen)
            }
            for player in players { player.program.end() }
            let page = try await Curl.get(origin.url("exporter", "/metrics"))
            #expect(page.status == 200 && page.body.contains("sluice_rtmp_connections_refused_total 1\n"))
            #expect(try await Curl.get(origin.url("exporter", "/api/v1/summaries")).status == 404)
        }
    }

    @Test("a publisher that nobody watches is ended after `kickoff_for_idle`, and its stream is free")
    func unwatched() async throws {
        try await withOriginUnderTest([], ["SRS_VHOST_PUBLISH_KICKOFF_FOR_IDLE": "0.5"]) { origin in
            let publisher = try RunningProgram(
                "/usr/bin/ffmpeg",
                [
                    "-nostdin", "-re", "-f", "lavfi", "-i", "sine=frequency=440", "-c:a", "aac", "-f", "flv",
                    "rtmp://127.0.0.1:\(origin.port("rtmp"))/live/lonely",
                ])
            defer { publisher.end() }
            let line = try await origin.waitForLog("publishing has ended")
            #expect(line["stream"] == "__defaultVhost__/live/lonely" && line["reason"] == "nobody watches")
            #expect(line.number("frames") ?? 0 > 5)
            let deadline = ContinuousClock.now + .seconds(20)
            var metrics = ""
            while !metrics.contains("sluice_rtmp_cuts_total{reason=\"unwatched\"} 1"), ContinuousClock.now < deadline {
                metrics = try await Curl.get(origin.url("api", "/metrics")).body
            }
            #expect(metrics.contains("sluice_rtmp_cuts_total{reason=\"unwatched\"} 1"))
            #expect(metrics.contains("sluice_publishers{form=\"rtmp\"} 0"))
        }
    }

    @Test("SIGHUP serves a new certificate to new clients")
    func reload() async throws {
        let (first, second) = (try TestAuthority(name: "First root"), try TestAuthority(name: "Second root"))
        let files = try TemporaryDirectory()
        try files.write(first.certificate, to: "first.pem")
        try files.write(second.certificate, to: "second.pem")
        _ = try first.issue("localhost").write(to: files, name: "server")
        let pair = ["\(files.path)/server.pem", "\(files.path)/server.key"]
        let variables = [
            "SRS_HTTP_SERVER_HTTPS_ENABLED": "on", "SRS_HTTP_SERVER_HTTPS_LISTEN": "127.0.0.1:0",
            "SRS_HTTP_SERVER_HTTPS_CERT": pair[0], "SRS_HTTP_SERVER_HTTPS_KEY": pair[1], "SRS_RTMPS_ENABLED": "on",
            "SRS_RTMPS_LISTEN": "127.0.0.1:0", "SRS_RTMPS_CERT": pair[0], "SRS_RTMPS_KEY": pair[1],
        ]
        try await withOriginUnderTest([], variables) { origin in
            func verifies(_ root: String, _ service: String) async throws -> Bool {
                let run = try await RunningProgram.run(
                    "/usr/bin/openssl",
                    [
                        "s_client", "-connect", origin.address(service), "-CAfile", "\(files.path)/\(root).pem",
                        "-verify_return_error", "-brief",
                    ])
                return run.exit == .status(0)
            }
            for service in ["https", "rtmps"] {
                #expect(try await verifies("first", service))
                #expect(try await !verifies("second", service))
            }
            _ = try second.issue("localhost").write(to: files, name: "server")
            origin.program.signal(SIGHUP)
            try await origin.waitForLog("certificate reloaded")
            for service in ["https", "rtmps"] {
                #expect(try await verifies("second", service))
                #expect(try await !verifies("first", service))
            }
        }
    }
}
