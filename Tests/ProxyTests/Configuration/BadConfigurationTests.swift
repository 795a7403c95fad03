import Reactor
import Testing

@testable import Proxy
@testable import Service

@Suite("A bad configuration")
struct BadConfigurationTests {
    @Test(
        "is refused with the variable, the value and the rule",
        arguments: [
            // Addresses
            (["PROXY_RTMP_SERVER": "19x5"], [#"PROXY_RTMP_SERVER: "19x5" is not a port from 1 to 65535"#]),
            (["PROXY_RTMP_SERVER": "65536"], [#"PROXY_RTMP_SERVER: "65536" is not a port from 1 to 65535"#]),
            (["PROXY_RTMP_SERVER": "+1935"], [#"PROXY_RTMP_SERVER: "+1935" is not a port from 1 to 65535"#]),
            (["PROXY_HTTP_API": " 1985"], [#"PROXY_HTTP_API: " 1985" is not a port from 1 to 65535"#]),
            (["PROXY_HTTP_API": "1985\n"], [#"PROXY_HTTP_API: "1985\n" is not a port from 1 to 65535"#]),
            (["PROXY_HTTP_API": "["], [#"PROXY_HTTP_API: "[" is not a port from 1 to 65535"#]),
            (
                ["PROXY_SRT_SERVER": "0.0.0.0:"],
                [#"PROXY_SRT_SERVER: "0.0.0.0:" does not end in a port from 1 to 65535"#]
            ),
            (
                ["PROXY_SRT_SERVER": "[::]:70000"],
                [#"PROXY_SRT_SERVER: "[::]:70000" does not end in a port from 1 to 65535"#]
            ),
            (
                ["PROXY_WEBRTC_SERVER": "::1:8000"],
                [
                    #"PROXY_WEBRTC_SERVER: "::1:8000" has an IPv6 address without brackets: "#
                        + "it is written [address]:port"
                ]
            ),
            (
                ["PROXY_SYSTEM_API": "localhost:12025"],
                [
                    #"PROXY_SYSTEM_API: "localhost:12025" has no IP address before its port: "#
                        + "it is written port or [address]:port"
                ]
            ),
            (
                ["PROXY_SYSTEM_API": "[127.0.0.1]:12025"],
                [
                    #"PROXY_SYSTEM_API: "[127.0.0.1]:12025" has no IP address before its port: "#
                        + "it is written port or [address]:port"
                ]
            ),
            (
                ["PROXY_HTTPS_SERVER": "tls"],
                [#"PROXY_HTTPS_SERVER: "tls" is not a port from 1 to 65535, nor off"#]
            ),
            // Ports of others
            (["PROXY_REDIS_PORT": "0"], [#"PROXY_REDIS_PORT: "0" is not a port from 1 to 65535"#]),
            (
                ["PROXY_REDIS_PORT": "tcp://10.0.0.1:6379"],
                [
                    #"PROXY_REDIS_PORT: "tcp://10.0.0.1:6379" is not a port from 1 to 65535: it looks like what Kubernetes "#
                        + "sets for a Service called proxy-redis; give that another name, or the pod "
                        + "`enableServiceLinks: false`"
                ]
            ),
            (
                ["PROXY_REDIS_PORT": "redis://10.0.0.1:6379"],
                [#"PROXY_REDIS_PORT: "redis://10.0.0.1:6379" is not a port from 1 to 65535"#]
            ),
            (
                ["PROXY_DEFAULT_BACKEND_RTMP": "tcp://10.0.0.1:1935"],
                [#"PROXY_DEFAULT_BACKEND_RTMP: "tcp://10.0.0.1:1935" is not a port from 1 to 65535"#]
            ),
            // A user of Redis
            (["PROXY_REDIS_USER": "u"], ["PROXY_REDIS_USER: names a user, who needs PROXY_REDIS_PASSWORD"]),
            (
                ["PROXY_REDIS_USER": "u", "PROXY_REDIS_URL": "redis://h"],
                ["PROXY_REDIS_USER: names a user, who needs PROXY_REDIS_PASSWORD"]
            ),
            (
                ["PROXY_REDIS_URL": "redis://hunter2@h"],
                [
                    "PROXY_REDIS_URL: names a user, who needs PROXY_REDIS_PASSWORD or a password behind a colon; "
                        + "a password alone is written :password@"
                ]
            ),
            (
                ["PROXY_DEFAULT_BACKEND_RTMP": "off"],
                [#"PROXY_DEFAULT_BACKEND_RTMP: "off" is not a port from 1 to 65535"#]
            ),
            (
                ["PROXY_DEFAULT_BACKEND_SRT": "no"],
                [#"PROXY_DEFAULT_BACKEND_SRT: "no" is not a port from 1 to 65535, nor off"#]
            ),
            // Hosts
            (["PROXY_REDIS_HOST": "a b"], [#"PROXY_REDIS_HOST: "a b" is not a host name or an IP address"#]),
            (["PROXY_REDIS_HOST": "-x.y"], [#"PROXY_REDIS_HOST: "-x.y" is not a host name or an IP address"#]),
            (["PROXY_REDIS_HOST": "1.2.3"], [#"PROXY_REDIS_HOST: "1.2.3" is not a host name or an IP address"#]),
            (["PROXY_REDIS_HOST": "a..b"], [#"PROXY_REDIS_HOST: "a..b" is not a host name or an IP address"#]),
            (
                ["PROXY_DEFAULT_BACKEND_IP": "rtmp://origin"],
                [#"PROXY_DEFAULT_BACKEND_IP: "rtmp://origin" is not a host name or an IP address"#]
            ),
            // Numbers, durations, names
            (["PROXY_REDIS_DB": "-1"], [#"PROXY_REDIS_DB: "-1" is not a number from 0 to 2147483647"#]),
            (["PROXY_LOOPS": "0"], [#"PROXY_LOOPS: "0" is not a number from 1 to 1024"#]),
            (["PROXY_LOOPS": "two"], [#"PROXY_LOOPS: "two" is not a number from 1 to 1024"#]),
            (
                ["PROXY_MAX_CONNECTIONS": "99999999999999999999"],
                [#"PROXY_MAX_CONNECTIONS: "99999999999999999999" is not a number from 1 to 10000000"#]
            ),
            (
                ["PROXY_GRACE_QUIT_TIMEOUT": "20"],
                [#"PROXY_GRACE_QUIT_TIMEOUT: "20" is not a duration such as 20s, 500ms or 1m30s"#]
            ),
            (
                ["PROXY_FORCE_QUIT_TIMEOUT": "25h"],
                [#"PROXY_FORCE_QUIT_TIMEOUT: "25h" is not a duration from 0s to 24h"#]
            ),
            (
                ["PROXY_FORCE_QUIT_TIMEOUT": "-1s"],
                [#"PROXY_FORCE_QUIT_TIMEOUT: "-1s" is not a duration from 0s to 24h"#]
            ),
            (
                ["PROXY_DEFAULT_BACKEND_ENABLED": "maybe"],
                [#"PROXY_DEFAULT_BACKEND_ENABLED: "maybe" is neither on nor off"#]
            ),
            (
                ["PROXY_ROUTING_POLICY": "round-robin", "PROXY_ZONE": "a\u{7}"],
                [
                    #"PROXY_ROUTING_POLICY: "round-robin" is not one of hash, least-load, random-two"#,
                    #"PROXY_ZONE: "a\u{07}" holds a control or format character"#,
                ]
            ),
            (
                ["PROXY_REDIS_PREFIX": "a{b}:"],
                [#"PROXY_REDIS_PREFIX: "a{b}:" holds { or }"#]
            ),
            (
                ["PROXY_LOAD_BALANCER_TYPE": "etcd"],
                [#"PROXY_LOAD_BALANCER_TYPE: "etcd" is not one of memory, redis"#]
            ),
            (["PROXY_LOG_FORMAT": "xml"], [#"PROXY_LOG_FORMAT: "xml" is not one of text, json, auto"#]),
            (
                ["PROXY_LOG_LEVEL": "loud,quic=debug"],
                [
                    #"PROXY_LOG_LEVEL: "loud" is not a level (error, warning, info, debug)"#,
                    #"PROXY_LOG_LEVEL: "quic" is not a subsystem (http, proxy, reactor, registry, rtmp)"#,
                ]
            ),
            (["PROXY_STATIC_FILES": "a\0b"], [#"PROXY_STATIC_FILES: "a\0b" is not a path: it holds a zero byte"#]),
            // How values are shown
            (
                ["PROXY_RTMP_SERVER": #"a"b\c"#],
                [#"PROXY_RTMP_SERVER: "a\"b\\c" is not a port from 1 to 65535"#]
            ),
            (
                ["PROXY_REDIS_HOST": "redis://:hunter2@cache:6379"],
                [#"PROXY_REDIS_HOST: "…@cache:6379" is not a host name or an IP address"#]
            ),
            (
                ["PROXY_RTMP_SERVER": String(repeating: "x", count: 100)],
                ["PROXY_RTMP_SERVER: \"\(String(repeating: "x", count: 64))…\" is not a port from 1 to 65535"]
            ),
            (
                ["PROXY_STATIC_FILES": String(repeating: "y", count: 4_097)],
                ["PROXY_STATIC_FILES: \"\(String(repeating: "y", count: 64))…\" is longer than 4096 bytes"]
            ),
        ] as [([String: String], [String])])
    func messages(environment: [String: String], expected: [String]) {
        #expect(mistakes(environment) == expected)
    }

    @Test(
        "is refused where variables do not go together",
        arguments: [
            (
                ["PROXY_HTTP_SERVER": "8080", "PROXY_HTTP_API": "8080"],
                [#"PROXY_HTTP_API: "8080" overlaps with "8080" of PROXY_HTTP_SERVER (TCP)"#]
            ),
            // The one that was set is to blame.
            (
                ["PROXY_HTTP_SERVER": "11985"],
                [#"PROXY_HTTP_SERVER: "11985" overlaps with "11985" of PROXY_HTTP_API (TCP)"#]
            ),
            (
                ["PROXY_HTTP_SERVER": "127.0.0.1:8080", "PROXY_HTTP_API": "8080"],
                [#"PROXY_HTTP_API: "8080" overlaps with "127.0.0.1:8080" of PROXY_HTTP_SERVER (TCP)"#]
            ),
            (
                ["PROXY_HTTP_SERVER": "0.0.0.0:8080", "PROXY_HTTP_API": "10.0.0.5:8080"],
                [#"PROXY_HTTP_API: "10.0.0.5:8080" overlaps with "0.0.0.0:8080" of PROXY_HTTP_SERVER (TCP)"#]
            ),
            (
                ["PROXY_HTTP_SERVER": "[::ffff:10.0.0.5]:8080", "PROXY_HTTP_API": "10.0.0.5:8080"],
                [#"PROXY_HTTP_API: "10.0.0.5:8080" overlaps with "10.0.0.5:8080" of PROXY_HTTP_SERVER (TCP)"#]
            ),
            (
                ["PROXY_WEBRTC_SERVER": "8000", "PROXY_SRT_SERVER": "8000", "PROXY_RTMP_SERVER": "8000"],
                [
                    #"PROXY_WEBRTC_SERVER: "8000" overlaps with "8000" of PROXY_RTMP_SERVER (TCP)"#,
                    #"PROXY_SRT_SERVER: "8000" overlaps with "8000" of PROXY_WEBRTC_SERVER (UDP)"#,
                ]
            ),
            (
                ["PROXY_HTTPS_SERVER": "443"],
                ["PROXY_HTTPS_SERVER: needs PROXY_TLS_CERTIFICATE and PROXY_TLS_KEY"]
            ),
            (
                ["PROXY_HTTPS_SERVER": "443", "PROXY_TLS_CERTIFICATE": "a.pem"],
                ["PROXY_HTTPS_SERVER: needs PROXY_TLS_KEY"]
            ),
            (
                ["PROXY_RTMPS_SERVER": "1443", "PROXY_HTTPS_SERVER": "443", "PROXY_TLS_KEY": "a.key"],
                [
                    "PROXY_RTMPS_SERVER: needs PROXY_TLS_CERTIFICATE",
                    "PROXY_HTTPS_SERVER: needs PROXY_TLS_CERTIFICATE",
                ]
            ),
            (
                [
                    "PROXY_RTMPS_SERVER": "443", "PROXY_HTTPS_SERVER": "443", "PROXY_TLS_CERTIFICATE": "a.pem",
                    "PROXY_TLS_KEY": "a.key",
                ],
                [#"PROXY_HTTPS_SERVER: "443" overlaps with "443" of PROXY_RTMPS_SERVER (TCP)"#]
            ),
            (["PROXY_TLS_KEY": "a.key"], ["PROXY_TLS_KEY: needs PROXY_TLS_CERTIFICATE"]),
        ] as [([String: String], [String])])
    func combinations(environment: [String: String], expected: [String]) {
        #expect(mistakes(environment) == expected)
    }

    @Test("is told of all its mistakes at once, in the order of the reference")
    func allAtOnce() {
        let file = EnvironmentFileSource.contents(
            path: ".env", bytes: Array("PROXY_RTMP_SERVER\nPROXY_REDIS_DB=x\nPROXY_LOOPS=many\n".utf8))
        let environment = [
            "PROXY_HTTP_API": "eighty", "PROXY_HTTP_SERVER": "12025", "PROXY_LOG_FORMAT": "xml",
            "PROXY_HTTP_SEVER": "80",
        ]
        let error = #expect(throws: ConfigurationMistakes.self) {
            try ProxyConfiguration.parse(
                environment: environment, file: file,
                options: CommandLineOptions(parsing: ["--loops", "none", "--lops=3", "twice"]))
        }
        #expect(
            error?.description == """
                --lops is not known; did you mean --loops?
                "twice": is not an option
                .env:1: has no "=" after the name
                PROXY_HTTP_API: "eighty" is not a port from 1 to 65535
                PROXY_REDIS_DB: "x" is not a number from 0 to 2147483647 (.env:2)
                PROXY_LOG_FORMAT: "xml" is not one of text, json, auto
                --loops: "none" is not a number from 1 to 1024
                PROXY_HTTP_SERVER: "12025" overlaps with "12025" of PROXY_SYSTEM_API (TCP)
                """)
        #expect(
            error?.warnings.map(\.description) == [
                "PROXY_HTTP_SEVER is not known; did you mean PROXY_HTTP_SERVER?"
            ])
    }

    @Test("is no such where ports differ in transport or are left to the system")
    func harmlessPorts() throws {
        let checked = try ProxyConfiguration.parse(environment: [
            "PROXY_RTMP_SERVER": "1935", "PROXY_SRT_SERVER": "1935",
            "PROXY_HTTP_SERVER": "0", "PROXY_HTTP_API": "0", "PROXY_SYSTEM_API": "127.0.0.1:0",
            "PROXY_HTTPS_SERVER": "off",
        ])
        #expect(checked.configuration.listeners.http.port == 0)
        #expect(checked.warnings.isEmpty)
        let apart = try ProxyConfiguration.parse(environment: [
            "PROXY_HTTP_SERVER": "10.0.0.5:80", "PROXY_HTTP_API": "10.0.0.6:80", "PROXY_SYSTEM_API": "[::1]:80",
        ])
        #expect(apart.warnings.isEmpty)
    }

    private func mistakes(_ environment: [String: String]) -> [String] {
        do {
            _ = try ProxyConfiguration.parse(environment: environment)
            return []
        } catch {
            return error.mistakes.map(\.description)
        }
    }
}
