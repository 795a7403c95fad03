import Balancing
import Reactor
import Redis
import Registry
import Telemetry
import Testing

@testable import Proxy
@testable import Service

@Suite("A configuration")
struct ProxyConfigurationTests {
    @Test("has the documented defaults where nothing is set")
    func defaults() throws {
        let checked = try ProxyConfiguration.parse(environment: [:])
        let expected = [
            "PROXY_RTMP_SERVER=11935", "PROXY_RTMPS_SERVER=off", "PROXY_HTTP_SERVER=18080", "PROXY_HTTPS_SERVER=off",
            "PROXY_HTTP_API=11985",
            "PROXY_WEBRTC_SERVER=18000", "PROXY_SRT_SERVER=20080", "PROXY_SYSTEM_API=12025",
            "PROXY_TLS_CERTIFICATE=none", "PROXY_TLS_KEY=none", "PROXY_API_TOKEN=none",
            "PROXY_REGISTER_SECRET=none", "PROXY_SYSTEM_ALLOW=everybody", "PROXY_STATIC_FILES=built-in pages",
            "PROXY_LOAD_BALANCER_TYPE=memory", "PROXY_REDIS_HOST=127.0.0.1", "PROXY_REDIS_PORT=6379",
            "PROXY_REDIS_USER=none", "PROXY_REDIS_PASSWORD=none", "PROXY_REDIS_DB=0", "PROXY_REDIS_URL=none",
            "PROXY_REDIS_PREFIX=sluice:",
            "PROXY_READY_REGISTRY=detached", "PROXY_ROUTING_POLICY=hash", "PROXY_ZONE=none",
            "PROXY_SLOW_START=30s", "PROXY_DEFAULT_BACKEND_ENABLED=off",
            "PROXY_DEFAULT_BACKEND_IP=127.0.0.1", "PROXY_DEFAULT_BACKEND_RTMP=1935", "PROXY_DEFAULT_BACKEND_HTTP=8080",
            "PROXY_DEFAULT_BACKEND_API=1985", "PROXY_DEFAULT_BACKEND_RTC=8000", "PROXY_DEFAULT_BACKEND_SRT=10080",
            "PROXY_GRACE_QUIT_TIMEOUT=20s", "PROXY_FORCE_QUIT_TIMEOUT=30s", "PROXY_LOG_LEVEL=info",
            "PROXY_LOG_FORMAT=auto", "PROXY_LOOPS=one per core", "PROXY_MAX_CONNECTIONS=100000",
        ]
        #expect(checked.settings.map(\.description) == expected.map { "\($0) (default)" })
        #expect(checked.warnings.isEmpty)
        #expect(checked.withoutEffect.isEmpty)
    }

    @Test("takes a default from each empty value")
    func emptyValues() throws {
        let nothing = Dictionary(uniqueKeysWithValues: Variables.all.map { ($0.name, "") })
        let checked = try ProxyConfiguration.parse(environment: nothing)
        #expect(checked.settings == (try ProxyConfiguration.parse(environment: [:])).settings)
        #expect(checked.withoutEffect.isEmpty)
    }

    @Test("holds what each variable says, and nothing else changes")
    func values() throws {
        for (name, text, shown) in Self.examples {
            let checked = try ProxyConfiguration.parse(environment: [name: text])
            for setting in checked.settings where setting.name == name {
                #expect(setting.description == "\(name)=\(shown) (environment)")
            }
            #expect(checked.settings.filter { $0.source != .standard }.map(\.name) == [name])
            let changed = zip(checked.settings, Variables.all).filter { $0.value != $1.standard }
            #expect(changed.map(\.0.name) == [name])
        }
        #expect(Set(Self.examples.map(\.name)) == Set(Variables.all.map(\.name)).subtracting(Self.pairs))
    }

    @Test(
        "takes user and password of Redis from the URL, and what that leaves out from the variables",
        arguments: [
            ([:], nil, nil),
            (["PROXY_REDIS_PASSWORD": "p"], nil, "p"),
            (["PROXY_REDIS_PASSWORD": "p", "PROXY_REDIS_USER": "u"], "u", "p"),
            (["PROXY_REDIS_PASSWORD": "p", "PROXY_REDIS_URL": "redis://h"], nil, "p"),
            (["PROXY_REDIS_PASSWORD": "p", "PROXY_REDIS_URL": "redis://:@h"], nil, "p"),
            (["PROXY_REDIS_PASSWORD": "p", "PROXY_REDIS_URL": "redis+sentinel://a,b/m"], nil, "p"),
            (["PROXY_REDIS_PASSWORD": "p@:/", "PROXY_REDIS_URL": "rediss+cluster://v@a"], "v", "p@:/"),
            (["PROXY_REDIS_PASSWORD": "p", "PROXY_REDIS_USER": "u", "PROXY_REDIS_URL": "redis://h"], "u", "p"),
            (["PROXY_REDIS_PASSWORD": "p", "PROXY_REDIS_USER": "u", "PROXY_REDIS_URL": "redis://v@h"], "v", "p"),
            (["PROXY_REDIS_PASSWORD": "p", "PROXY_REDIS_USER": "u", "PROXY_REDIS_URL": "redis://:q@h"], nil, "q"),
            (["PROXY_REDIS_PASSWORD": "p", "PROXY_REDIS_URL": "redis://v:q@h"], "v", "q"),
        ])
    func redisCredentials(environment: [String: String], user: String?, password: String?) throws {
        let redis = try ProxyConfiguration.parse(environment: environment).configuration.registry.redis
        #expect(redis.location.credentials?.user == user && redis.location.credentials?.password.reveal() == password)
        #expect(redis.location.user == nil && redis.location.sentinelCredentials == nil)
        if let url = redis.url { #expect(redis.location.deployment == url.deployment) }
    }

    /// These are tested below, for one is wrong without the others.
    private static let pairs = [
        "PROXY_TLS_CERTIFICATE", "PROXY_TLS_KEY", "PROXY_RTMPS_SERVER", "PROXY_HTTPS_SERVER", "PROXY_REDIS_USER",
    ]

    private static let examples: [(name: String, text: String, shown: String)] = [
        ("PROXY_RTMP_SERVER", ":1935", "1935"),
        ("PROXY_HTTP_SERVER", "0.0.0.0:8080", "0.0.0.0:8080"),
        ("PROXY_HTTP_API", "[::1]:1985", "[::1]:1985"),
        ("PROXY_WEBRTC_SERVER", "[::]:8000", "8000"),
        ("PROXY_SRT_SERVER", "127.0.0.1:10080", "127.0.0.1:10080"),
        ("PROXY_SYSTEM_API", "0", "0"),
        ("PROXY_API_TOKEN", "operators-1,operators-2", "<redacted>"),
        ("PROXY_REGISTER_SECRET", "origins-1", "<redacted>"),
        ("PROXY_SYSTEM_ALLOW", "10.0.0.0/8,::1", "10.0.0.0/8,::1/128"),
        ("PROXY_STATIC_FILES", "./html", "./html"),
        ("PROXY_LOAD_BALANCER_TYPE", "Redis", "redis"),
        ("PROXY_REDIS_HOST", "[fd00::5]", "fd00::5"),
        ("PROXY_REDIS_HOST", "my_redis.svc.cluster.local.", "my_redis.svc.cluster.local."),
        ("PROXY_REDIS_PORT", "6380", "6380"),
        ("PROXY_REDIS_PASSWORD", "hunter2", "<redacted>"),
        ("PROXY_REDIS_DB", "7", "7"),
        ("PROXY_REDIS_URL", "rediss+sentinel://:hunter2@a,b:26380/main/3", "<redacted>"),
        ("PROXY_REDIS_PREFIX", "eu:", "eu:"),
        ("PROXY_READY_REGISTRY", "stale", "stale"),
        ("PROXY_ROUTING_POLICY", "Least-Load", "least-load"),
        ("PROXY_ROUTING_POLICY", "random-two", "random-two"),
        ("PROXY_ZONE", "eu-1 a", "eu-1 a"),
        ("PROXY_SLOW_START", "0", "0s"),
        ("PROXY_DEFAULT_BACKEND_ENABLED", "YES", "on"),
        ("PROXY_DEFAULT_BACKEND_IP", "origin", "origin"),
        ("PROXY_DEFAULT_BACKEND_RTMP", "19350", "19350"),
        ("PROXY_DEFAULT_BACKEND_HTTP", "off", "off"),
        ("PROXY_DEFAULT_BACKEND_API", "OFF", "off"),
        ("PROXY_DEFAULT_BACKEND_RTC", "8001", "8001"),
        ("PROXY_DEFAULT_BACKEND_SRT", "10081", "10081"),
        ("PROXY_GRACE_QUIT_TIMEOUT", "0", "0s"),
        ("PROXY_FORCE_QUIT_TIMEOUT", "90s", "1m30s"),
        ("PROXY_LOG_LEVEL", "warning,proxy=debug,rtmp=debug", "warning,proxy=debug,rtmp=debug"),
        ("PROXY_LOG_FORMAT", "json", "json"),
        ("PROXY_LOOPS", "4", "4"),
        ("PROXY_MAX_CONNECTIONS", "20000", "20000"),
    ]

    @Test("has typed values in its fields")
    func fields() throws {
        let checked = try ProxyConfiguration.parse(environment: [
            "PROXY_HTTP_SERVER": "18081", "PROXY_HTTPS_SERVER": "10.0.0.5:443", "PROXY_TLS_CERTIFICATE": "a.pem",
            "PROXY_TLS_KEY": "a.key", "PROXY_RTMPS_SERVER": "[::1]:1443", "PROXY_REDIS_PASSWORD": "hunter2",
            "PROXY_GRACE_QUIT_TIMEOUT": "1m", "PROXY_ROUTING_POLICY": "random-two", "PROXY_ZONE": "a",
            "PROXY_SLOW_START": "5s",
            "PROXY_DEFAULT_BACKEND_SRT": "off", "PROXY_LOG_LEVEL": "error", "PROXY_LOG_FORMAT": "text",
        ])
        let configuration = checked.configuration
        #expect(configuration.listeners.http == SocketAddress(.v6(high: 0, low: 0, scope: 0), port: 18_081))
        #expect(configuration.listeners.https == SocketAddress(.v4(0x0A00_0005), port: 443))
        #expect(configuration.listeners.rtmps == SocketAddress.loopback6(port: 1_443))
        #expect(configuration.tls.certificate == "a.pem")
        #expect(configuration.tls.key == "a.key")
        #expect(configuration.registry.redis.password?.reveal() == "hunter2")
        #expect(configuration.shutdown.grace == .seconds(60))
        let router = configuration.routing.router
        #expect(router.zone == OriginZone("a") && router.policy is RandomTwo)
        #expect(router.slowStart == SlowStart(time: .seconds(5)))
        #expect(configuration.defaultBackend.srt == nil)
        #expect(configuration.logging.filter.level(of: .proxy) == .error)
        #expect(configuration.limits.loops == nil)
    }

    @Test(
        "reads switches in all the usual words",
        arguments: [
            ("on", true), ("true", true), ("yes", true), ("1", true), ("True", true), ("off", false),
            ("false", false), ("no", false), ("0", false),
        ])
    func switches(text: String, isOn: Bool) throws {
        let checked = try ProxyConfiguration.parse(environment: ["PROXY_DEFAULT_BACKEND_ENABLED": text])
        #expect(checked.configuration.defaultBackend.isEnabled == isOn)
    }

    @Test("logs text on a terminal and JSON elsewhere, unless told")
    func logFormat() {
        typealias Format = LogFormatChoice
        #expect(Format.auto.resolved(isTerminal: true) == .text)
        #expect(Format.auto.resolved(isTerminal: false) == .json)
        #expect(Format.text.resolved(isTerminal: false) == .text)
        #expect(Format.json.resolved(isTerminal: true) == .json)
    }

    @Test("prefers the command line to the environment, and that to the file")
    func precedence() throws {
        let text = "PROXY_LOOPS=2\nPROXY_REDIS_DB=2"
        let file = EnvironmentFileSource.contents(path: "conf/.env", bytes: Array(text.utf8))
        func setting(_ name: String, _ environment: [String: String], _ arguments: [String]) throws -> String? {
            try ProxyConfiguration.parse(
                environment: environment, file: file, options: CommandLineOptions(parsing: arguments)
            ).settings.first { $0.name == name }?.description
        }
        #expect(try setting("PROXY_LOOPS", [:], []) == "PROXY_LOOPS=2 (conf/.env:1)")
        #expect(try setting("PROXY_LOOPS", ["PROXY_LOOPS": "3"], []) == "PROXY_LOOPS=3 (environment)")
        #expect(try setting("PROXY_LOOPS", ["PROXY_LOOPS": "3"], ["--loops", "4"]) == "PROXY_LOOPS=4 (--loops)")
        // Empty in the environment is set in the environment.
        #expect(try setting("PROXY_REDIS_DB", ["PROXY_REDIS_DB": ""], []) == "PROXY_REDIS_DB=0 (default)")
        // A value that is not used is not checked.
        #expect(try setting("PROXY_LOOPS", ["PROXY_LOOPS": "x"], ["--loops=4"]) == "PROXY_LOOPS=4 (--loops)")
    }

    @Test("names what is set and means nothing yet, once")
    func withoutEffect() throws {
        let checked = try ProxyConfiguration.parse(
            environment: ["PROXY_SRT_SERVER": "10080", "PROXY_HTTP_API": "1985", "PROXY_WEBRTC_SERVER": "8000"])
        #expect(checked.withoutEffect == ["PROXY_WEBRTC_SERVER", "PROXY_SRT_SERVER"])
    }
}
