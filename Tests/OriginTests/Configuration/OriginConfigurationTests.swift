import HTTP
import Reactor
import Service
import Telemetry
import Testing

@testable import Origin

@Suite("The configuration of the origin")
struct OriginConfigurationTests {
    @Test("without a file is RTMP, HTTP-FLV and the API on the usual ports")
    func builtIn() throws {
        let checked = try OriginConfiguration.parse(.builtIn, read: files([:]))
        var expected = OriginConfiguration()
        expected.httpAPI.isEnabled = true
        expected.httpServer.isEnabled = true
        expected.virtualHosts = [OriginVirtualHost()]
        expected.virtualHosts[0].httpRemux.isEnabled = true
        #expect(checked.configuration == expected)
        #expect(checked.warnings == [])
        #expect(!checked.configuration.heartbeat.isEnabled)
        #expect(expected.virtualHosts[0].play.gopCache)
    }

    @Test("of variables alone has SRS's defaults")
    func environmentOnly() throws {
        let checked = try OriginConfiguration.parse(.environmentOnly, read: files([:]))
        var expected = OriginConfiguration()
        expected.virtualHosts = [OriginVirtualHost()]
        #expect(checked.configuration == expected)
        #expect(checked.warnings == [])
    }

    @Test("sets what its file says of the server")
    func everything() throws {
        let checked = try server(
            """
            listen 1936 [::1]:1937;
            chunk_size 4096;
            max_connections 50;
            work_dir /var/lib/origin;
            pid objs/a.pid;
            server_id vid-a;
            srs_log_level error;
            grace_start_wait 0;
            grace_final_wait 1500;
            force_grace_quit on;
            stats { network 2; }
            rtmps { enabled on; listen 1443 1444; key a.key; cert a.crt; }
            http_api { enabled on; listen 127.0.0.1:1985; crossdomain off; }
            http_server {
                enabled on; listen 80; dir "my pages"; crossdomain off;
                https { enabled on; listen 443; key b.key; cert b.crt; }
            }
            exporter { enabled on; listen 9000; }
            heartbeat {
                enabled on; interval 9.3; url http://10.0.0.1:12025/api http://10.0.0.2/b; device_id a; summaries on;
                ports on; weight 250; zone eu-1; labels rack=7 "tier=a = b" none=;
            }
            vhost a { }
            """)
        #expect(checked.warnings == [])
        let read = checked.configuration
        #expect(read.rtmp.listeners.map(\.listeningText) == ["1936", "[::1]:1937"])
        #expect(read.rtmp.chunkSize == 4_096 && read.maximumConnections == 50)
        #expect(
            read.process
                == .init(workDirectory: "/var/lib/origin", pidFile: "objs/a.pid", serverID: "vid-a", networkIndex: 2))
        #expect(read.logging.filter == LogFilter(.error))
        #expect(read.shutdown == .init(startWait: .zero, finalWait: .milliseconds(1_500), isAlwaysGraceful: true))
        #expect(read.rtmps.isEnabled && read.rtmps.listeners.map(\.port) == [1_443, 1_444])
        #expect(read.rtmps.certificate == .init(certificate: "a.crt", key: "a.key"))
        #expect(read.httpAPI.isEnabled && read.httpAPI.listener.description == "127.0.0.1:1985")
        #expect(!read.httpAPI.allowsOtherSites && !read.httpServer.allowsOtherSites)
        #expect(read.httpServer.isEnabled && read.httpServer.listener.port == 80)
        #expect(read.httpServer.directory == "my pages")
        #expect(read.httpServer.https.isEnabled && read.httpServer.https.listener.port == 443)
        #expect(read.httpServer.https.certificate == .init(certificate: "b.crt", key: "b.key"))
        #expect(read.exporter.isEnabled && read.exporter.listener.port == 9_000)
        #expect(read.heartbeat.isEnabled && read.heartbeat.interval == .milliseconds(9_300))
        #expect(read.heartbeat.urls.map(\.target) == ["/api", "/b"])
        #expect(read.heartbeat.weight == 250 && read.heartbeat.zone == "eu-1")
        #expect(read.heartbeat.labels.map(\.name) == ["rack", "tier", "none"])
        #expect(read.heartbeat.labels.map(\.text) == ["7", "a = b", ""])
        #expect(read.heartbeat.deviceID == "a" && read.heartbeat.withSummaries && read.heartbeat.withPorts)
    }

    @Test("sets what its file says of a host")
    func hosts() throws {
        let checked = try server(
            """
            listen 1;
            http_server { enabled on; }
            vhost live.example.com {
                min_latency on;
                play { gop_cache off; gop_cache_max_frames 0; queue_length 10; mw_latency 100; reduce_sequence_header on; }
                publish { firstpkt_timeout 100; normal_timeout 200; parse_sps off; kickoff_for_idle 1.5; }
                http_remux { enabled on; mount /[app]/[stream].flv; }
            }
            """)
        #expect(checked.warnings == [])
        var host = OriginVirtualHost(name: "live.example.com")
        host.minimumLatency = true
        host.play = .init(
            gopCache: false, gopCacheMaximumFrames: 0, queueLength: .seconds(10),
            mergedWriteLatency: .milliseconds(100), reduceSequenceHeader: true)
        host.publish = .init(
            firstFrameTimeout: .milliseconds(100), silenceTimeout: .milliseconds(200), parseSPS: false,
            idleTimeout: .milliseconds(1_500))
        host.httpRemux = .init(isEnabled: true)
        #expect(checked.configuration.virtualHosts == [host])
    }

    @Test("is what streams of the host are served by")
    func served() throws {
        let text = """
            min_latency on;
            play { gop_cache_max_frames 0; queue_length 10; reduce_sequence_header on; }
            publish { firstpkt_timeout 100; normal_timeout 200; parse_sps off; kickoff_for_idle 1.5; }
            http_remux { enabled on; }
            """
        var wanted = HostSettings()
        wanted.policy.chunkSize = 4_096
        wanted.policy.groupCache.maximumFrames = .max
        wanted.policy.maximumLag = .seconds(10)
        wanted.policy.mergeLatency = .zero
        wanted.policy.repeatsConfigurations = false
        wanted.policy.readsParameterSets = false
        wanted.firstFrameTimeout = .milliseconds(100)
        wanted.frameTimeout = .milliseconds(200)
        wanted.viewerTimeout = .milliseconds(1_500)
        #expect(HostSettings(try configuration(text).configuration.virtualHosts[0], chunkSize: 4_096) == wanted)
        var usual = HostSettings()
        usual.servesFLV = false
        #expect(HostSettings(OriginVirtualHost(), chunkSize: 60_000) == usual)
        let late = try configuration("play { gop_cache off; mw_latency 100; }").configuration.virtualHosts[0]
        let policy = HostSettings(late, chunkSize: 60_000).policy
        #expect(!policy.groupCache.isEnabled && policy.mergeLatency == .milliseconds(100))
    }

    @Test("finds the host by name, or the default one, and none that is switched off")
    func virtualHosts() throws {
        let read = try server(
            "listen 1; vhost A { } vhost b { enabled off; } vhost __defaultVhost__ { min_latency on; }"
        ).configuration
        #expect(read.virtualHost(named: "a")?.name == "a")
        #expect(read.virtualHost(named: "a")?.minimumLatency == false)
        #expect(read.virtualHost(named: "b") == nil)
        #expect(read.virtualHost(named: "c")?.name == "__defaultVhost__")
        #expect(read.virtualHost(named: "__defaultVhost__")?.minimumLatency == true)
        let single = try server("listen 1; vhost a { }").configuration
        #expect(single.virtualHost(named: "c") == nil)
    }

    @Test(
        "is overridden by variables",
        arguments: [
            ("SRS_LISTEN", "1936 1937", \.rtmp.listeners.count, 2),
            ("SRS_LISTEN", " 1936 ", \.rtmp.listeners.count, 1),
            ("SRS_MAX_CONNECTIONS", "7", \.maximumConnections, 7),
            ("SRS_CHUNK_SIZE", "128", \.rtmp.chunkSize, 128),
            ("SRS_STATS_NETWORK", "3", \.process.networkIndex, 3),
            ("SRS_MAX_CONNECTIONS", "", \.maximumConnections, 50),
        ] as [(String, String, any KeyPath<OriginConfiguration, Int> & Sendable, Int)])
    func variables(
        name: String, value: String, field: any KeyPath<OriginConfiguration, Int> & Sendable, expected: Int
    ) throws {
        let text = "listen 1; max_connections 50; vhost a { }"
        let checked = try server(text, environment: [name: value, "HOME": "x"])
        #expect(checked.configuration[keyPath: field] == expected)
        #expect(checked.warnings == [])
    }

    @Test("is overridden by variables in every host")
    func variablesOfHosts() throws {
        let environment = [
            "SRS_VHOST_PLAY_GOP_CACHE": "off", "SRS_VHOST_HTTP_REMUX_ENABLED": "on", "SRS_VHOST_MIN_LATENCY": "on",
            "SRS_HTTP_SERVER_ENABLED": "on", "SRS_HTTP_SERVER_LISTEN": "8081", "SRS_WORK_DIR": "/w", "SRS_PID": "/p",
            "SRS_SERVER_ID": "s", "SRS_LOG_LEVEL": "warn",
        ]
        let text = "listen 1; vhost a { min_latency off; play { gop_cache on; } } vhost b { }"
        for source in [OriginConfigurationSource.file("a.conf"), .environmentOnly, .builtIn] {
            let read = try OriginConfiguration.parse(source, environment: environment, read: files(["a.conf": text]))
            #expect(read.configuration.virtualHosts.count == (source == .file("a.conf") ? 2 : 1))
            for host in read.configuration.virtualHosts {
                #expect(!host.play.gopCache && host.httpRemux.isEnabled && host.minimumLatency)
            }
            #expect(read.configuration.httpServer.isEnabled && read.configuration.httpServer.listener.port == 8_081)
            #expect(read.configuration.process.workDirectory == "/w" && read.configuration.process.pidFile == "/p")
            #expect(read.configuration.process.serverID == "s")
            #expect(read.configuration.logging.filter == LogFilter(.warning))
            #expect(read.warnings == [])
        }
    }

    @Test("takes the older names of SRS, and the newer ones")
    func names() throws {
        let text = """
            rtmp { listen 1936; chunk_size 256; }
            http_stream { enabled on; }
            vhost a { gop_cache off; mr { enabled on; latency 100; } publish_1stpkt_timeout 30000; http { enabled off; } }
            """
        let checked = try server(text)
        #expect(checked.configuration.rtmp.listeners.map(\.port) == [1_936])
        #expect(checked.configuration.rtmp.chunkSize == 256 && checked.configuration.httpServer.isEnabled)
        let variables = ["SRS_RTMP_LISTEN": "1937 1938", "SRS_RTMP_CHUNK_SIZE": "512"]
        let overridden = try server(text, environment: variables).configuration.rtmp
        #expect(overridden.listeners.map(\.port) == [1_937, 1_938] && overridden.chunkSize == 512)
        let host = checked.configuration.virtualHosts[0]
        #expect(!host.play.gopCache)
        #expect(host.publish.firstFrameTimeout == .seconds(30))
        #expect(
            checked.warnings.map(\.description) == [
                "a.conf:2:1: http_stream is called http_server now",
                "a.conf:3:11: vhost.gop_cache is called vhost.play.gop_cache now",
                "a.conf:3:31: vhost.mr.enabled is called vhost.publish.mr now",
                "a.conf:3:31: vhost.publish.mr has no meaning here: reading takes at once what has come",
                "a.conf:3:43: vhost.mr.latency is called vhost.publish.mr_latency now",
                "a.conf:3:43: vhost.publish.mr_latency has no meaning here: reading takes at once what has come",
                "a.conf:3:58: vhost.publish_1stpkt_timeout is called vhost.publish.firstpkt_timeout now",
                "a.conf:3:88: vhost.http is called vhost.http_static now",
            ])
    }

    @Test(
        "knows how SRS names levels",
        arguments: [
            ("error", LogLevel.error), ("warn", .warning), ("trace", .info), ("info", .debug), ("verbose", .debug),
        ])
    func levels(name: String, level: LogLevel) throws {
        #expect(
            try server("listen 1; srs_log_level \(name); vhost a{}").configuration.logging.filter == LogFilter(level))
        let second = try server("listen 1; srs_log_level \(name); srs_log_level_v2 info; vhost a{}")
        #expect(second.configuration.logging.filter == LogFilter(.info))
    }
}
