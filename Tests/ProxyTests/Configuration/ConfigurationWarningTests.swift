import Testing

@testable import Proxy
@testable import Service

@Suite("A configuration warning")
struct ConfigurationWarningTests {
    @Test(
        "names the variable that was probably meant",
        arguments: [
            ("PROXY_RTMP_SEVER", "PROXY_RTMP_SERVER"),
            ("PROXY_RTPM_SERVER", "PROXY_RTMP_SERVER"),
            ("PROXY_RTMP_SERVERS", "PROXY_RTMP_SERVER"),
            ("PROXY_RTMPSERVER", "PROXY_RTMP_SERVER"),
            ("PROXY_HTTP_APIS", "PROXY_HTTP_API"),
            ("PROXY_LOOP", "PROXY_LOOPS"),
            ("PROXY_redis_host", nil),
            ("PROXY_REDIS_PASS", "PROXY_REDIS_PASSWORD"),
            ("PROXY_REDIS", nil),
            ("PROXY_REDIS_PSAS", nil),
            ("PROXY_REDIS_PASSWD", "PROXY_REDIS_PASSWORD"),
            ("PROXY_GRACEFUL_QUIT_TIMEOUT", "PROXY_GRACE_QUIT_TIMEOUT"),
            ("PROXY_DEFAULT_BACKEND_ENABLE", "PROXY_DEFAULT_BACKEND_ENABLED"),
            ("PROXY_SERVICE_HOST", nil),
            ("PROXY_", nil),
            ("PROXY_\(String(repeating: "RTMP_SERVER", count: 100))", nil),
        ])
    func suggestion(name: String, meant: String?) throws {
        let warnings = try ProxyConfiguration.parse(environment: [name: "1"]).warnings.map(\.description)
        #expect(warnings == [meant.map { "\(name) is not known; did you mean \($0)?" } ?? "\(name) is not known"])
    }

    @Test("concerns the file as well, and no name that is not ours")
    func names() throws {
        let text = "GO_PPROF=:6060\nPROXY_HTTP_PORT=80\nproxy_rtmp_server=1\nHTTP_PROXY=x\nPROXY_HTTP_PORT=81\n"
        let checked = try ProxyConfiguration.parse(
            environment: ["HTTPS_PROXY": "x", "PROXYING": "1", "PROXY_HTTP_PORT": "82"],
            file: .contents(path: ".env", bytes: Array(text.utf8)))
        #expect(
            checked.warnings.map(\.description) == [
                "PROXY_HTTP_PORT is set again at .env:5, which holds", "PROXY_HTTP_PORT is not known",
            ])
    }

    @Test("tells what undoes itself")
    func contradictions() throws {
        let checked = try ProxyConfiguration.parse(environment: [
            "PROXY_GRACE_QUIT_TIMEOUT": "1m", "PROXY_FORCE_QUIT_TIMEOUT": "1500ms", "PROXY_TLS_KEY": "a",
            "PROXY_TLS_CERTIFICATE": "b",
        ])
        #expect(
            checked.warnings.map(\.description) == [
                "PROXY_TLS_CERTIFICATE and PROXY_TLS_KEY are not used without PROXY_RTMPS_SERVER or "
                    + "PROXY_HTTPS_SERVER",
                "PROXY_FORCE_QUIT_TIMEOUT (1s500ms) ends what PROXY_GRACE_QUIT_TIMEOUT (1m) would let live",
            ])
    }

    @Test(
        "tells of a default backend that is the proxy itself",
        arguments: [
            (["PROXY_DEFAULT_BACKEND_RTMP": "11935"], ["RTMP: port 11935 of 127.0.0.1 is PROXY_RTMP_SERVER"]),
            (
                ["PROXY_HTTP_SERVER": "8080", "PROXY_HTTP_API": "127.0.0.1:1985"],
                [
                    "HTTP: port 8080 of 127.0.0.1 is PROXY_HTTP_SERVER",
                    "API: port 1985 of 127.0.0.1 is PROXY_HTTP_API",
                ]
            ),
            (
                ["PROXY_DEFAULT_BACKEND_IP": "localhost", "PROXY_RTMP_SERVER": "[::1]:1935"],
                ["RTMP: port 1935 of localhost is PROXY_RTMP_SERVER"]
            ),
            (
                ["PROXY_DEFAULT_BACKEND_IP": "0.0.0.0", "PROXY_RTMP_SERVER": "127.0.0.1:1935"],
                ["RTMP: port 1935 of 0.0.0.0 is PROXY_RTMP_SERVER"]
            ),
            (
                ["PROXY_DEFAULT_BACKEND_IP": "10.0.0.5", "PROXY_RTMP_SERVER": "10.0.0.5:1935"],
                ["RTMP: port 1935 of 10.0.0.5 is PROXY_RTMP_SERVER"]
            ),
            (
                ["PROXY_DEFAULT_BACKEND_IP": "127.0.0.9", "PROXY_SYSTEM_API": "1985"],
                ["API: port 1985 of 127.0.0.9 is PROXY_SYSTEM_API"]
            ),
            (["PROXY_DEFAULT_BACKEND_IP": "10.0.0.5", "PROXY_RTMP_SERVER": "1935"], []),
            (["PROXY_DEFAULT_BACKEND_IP": "::1", "PROXY_RTMP_SERVER": "0.0.0.0:1935"], []),
            (["PROXY_DEFAULT_BACKEND_IP": "origin.test", "PROXY_RTMP_SERVER": "1935"], []),
            (["PROXY_RTMP_SERVER": "10.0.0.5:1935"], []),
            (["PROXY_DEFAULT_BACKEND_ENABLED": "off", "PROXY_RTMP_SERVER": "1935"], []),
            (["PROXY_DEFAULT_BACKEND_HTTP": "off", "PROXY_HTTP_SERVER": "8080"], []),
            // Nothing listens there in this version.
            (["PROXY_WEBRTC_SERVER": "1935"], []),
        ])
    func ownBackend(environment: [String: String], expected: [String]) throws {
        let all = ["PROXY_DEFAULT_BACKEND_ENABLED": "on"].merging(environment) { $1 }
        #expect(
            try ProxyConfiguration.parse(environment: all).warnings.map(\.description)
                == expected.map {
                    "PROXY_DEFAULT_BACKEND_\($0) of this proxy itself, which passes nothing on to itself"
                })
    }

    @Test(
        "tells of a default backend that leads each of the proxies which share a registry to its own machine",
        arguments: [
            "127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost.", "0.0.0.0", "::",
        ])
    func localBackend(host: String) throws {
        let environment = [
            "PROXY_DEFAULT_BACKEND_ENABLED": "on", "PROXY_LOAD_BALANCER_TYPE": "redis",
            "PROXY_DEFAULT_BACKEND_IP": host,
        ]
        #expect(
            try ProxyConfiguration.parse(environment: environment).warnings.map(\.description) == [
                "PROXY_DEFAULT_BACKEND_IP: \(host.lowercased()) is each machine itself to the proxies that share the "
                    + "registry; set an address that leads all of them to the same server, unless they run on one machine"
            ])
        for name in ["PROXY_DEFAULT_BACKEND_ENABLED", "PROXY_LOAD_BALANCER_TYPE"] {
            #expect(try ProxyConfiguration.parse(environment: environment.filter { $0.key != name }).warnings == [])
        }
    }

    @Test(
        "has nothing against one that leads all proxies to the same server",
        arguments: ["10.0.0.5", "128.0.0.1", "2001:db8::1", "origin.test", "localhost.test", "fe80::1"])
    func reachedBackend(host: String) throws {
        let environment = [
            "PROXY_DEFAULT_BACKEND_ENABLED": "on", "PROXY_LOAD_BALANCER_TYPE": "redis",
            "PROXY_DEFAULT_BACKEND_IP": host,
        ]
        #expect(try ProxyConfiguration.parse(environment: environment).warnings == [])
    }

    @Test(
        "tells what needs a registry that proxies share, once",
        arguments: [
            (["PROXY_ROUTING_POLICY": "least-load"], "PROXY_ROUTING_POLICY=least-load"),
            (["PROXY_ROUTING_POLICY": "random-two"], "PROXY_ROUTING_POLICY=random-two"),
            (["PROXY_ZONE": "eu-1", "PROXY_ROUTING_POLICY": "hash"], "PROXY_ZONE"),
            (
                ["PROXY_ZONE": "eu-1", "PROXY_ROUTING_POLICY": "least-load", "PROXY_LOAD_BALANCER_TYPE": "memory"],
                "PROXY_ROUTING_POLICY=least-load and PROXY_ZONE"
            ),
        ])
    func unsharedRouting(environment: [String: String], names: String) throws {
        let warnings = try ProxyConfiguration.parse(environment: environment).warnings.map(\.description)
        #expect(
            warnings == [
                "\(names): several proxies that share no registry would each take another origin for the same stream, and "
                    + "viewers miss its publisher; set PROXY_LOAD_BALANCER_TYPE=redis unless this is the only one"
            ])
        let shared = environment.merging(["PROXY_LOAD_BALANCER_TYPE": "redis"]) { $1 }
        #expect(try ProxyConfiguration.parse(environment: shared).warnings == [])
    }

    @Test(
        "is not made of what all proxies agree on",
        arguments: [[:], ["PROXY_ROUTING_POLICY": "hash"], ["PROXY_ZONE": ""], ["PROXY_SLOW_START": "0s"]])
    func sharedRouting(environment: [String: String]) throws {
        #expect(try ProxyConfiguration.parse(environment: environment).warnings == [])
    }
}
