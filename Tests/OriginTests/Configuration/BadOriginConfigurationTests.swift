import Service
import Testing

@testable import Origin

@Suite("A bad configuration of the origin")
struct BadOriginConfigurationTests {
    @Test(
        "is refused with place, name, value and rule",
        arguments: [
            ("listen 19x5;", #"a.conf:1:8: listen: "19x5" is not a port from 1 to 65535"#),
            ("listen 1 x;", #"a.conf:1:8: listen: "x" is not a port from 1 to 65535"#),
            ("listen;", "a.conf:1:1: listen: needs a value: one or more: port or `[address]:port`"),
            ("listen { }", "a.conf:1:1: listen: takes no block"),
            ("chunk_size 127;", #"a.conf:1:12: chunk_size: "127" is not a number from 128 to 65536"#),
            ("max_connections 1000k;", #"a.conf:1:17: max_connections: "1000k" is not a number from 1 to 10000000"#),
            ("max_connections 1 2;", #"a.conf:1:1: max_connections: takes one value, "2" is one too many"#),
            (
                "max_connections 1\nchunk_size 128;",
                #"a.conf:1:1: max_connections: takes one value, "chunk_size" is one too many; is a ";" missing in line 1?"#
            ),
            ("daemon yes;", #"a.conf:1:8: daemon: "yes" is neither on nor off"#),
            ("srs_log_tank disk;", #"a.conf:1:14: srs_log_tank: "disk" is not one of console, file"#),
            (
                "srs_log_level debug;",
                #"a.conf:1:15: srs_log_level: "debug" is not one of error, warn, trace, info, verbose"#
            ),
            (
                "grace_final_wait 1.5;",
                #"a.conf:1:18: grace_final_wait: "1.5" is not a number of milliseconds from 0 to 86400000"#
            ),
            (
                "grace_final_wait 10s;",
                #"a.conf:1:18: grace_final_wait: "10s" is not a number of milliseconds from 0 to 86400000"#
            ),
            (
                "heartbeat { interval 0.2; }",
                #"a.conf:1:22: heartbeat.interval: "0.2" is not a number of seconds from 0.3 to 300"#
            ),
            (
                "heartbeat { interval 1.2345; }",
                #"a.conf:1:22: heartbeat.interval: "1.2345" is not a number of seconds from 0.3 to 300"#
            ),
            (
                "heartbeat { interval -1; }",
                #"a.conf:1:22: heartbeat.interval: "-1" is not a number of seconds from 0.3 to 300"#
            ),
            (
                "heartbeat { url ftp://a; }",
                #"a.conf:1:17: heartbeat.url: "ftp://a" is not a URL such as http://10.0.0.5:12025/api/v1/srs/register"#
            ),
            ("http_server on;", #"a.conf:1:1: http_server: takes no value, "on" is one too many"#),
            ("http_server;", "a.conf:1:1: http_server: needs a block: http_server { … }"),
            ("vhost { }", "a.conf:1:1: vhost: is written vhost NAME { … }"),
            ("vhost b;", "a.conf:1:1: vhost: is written vhost NAME { … }"),
            ("vhost b c { }", "a.conf:1:1: vhost: is written vhost NAME { … }"),
            (
                "vhost b { http_remux { mount [app]/[stream].ts; } }",
                #"a.conf:1:30: vhost.http_remux.mount: "[app]/[stream].ts" is not [vhost]/[app]/[stream].flv or /[app]/[stream].flv: no other is supported yet"#
            ),
            (
                "vhost b { http_remux { mount /a.flv; } }",
                #"a.conf:1:30: vhost.http_remux.mount: "/a.flv" is not [vhost]/[app]/[stream].flv or /[app]/[stream].flv: no other is supported yet"#
            ),
        ])
    func values(text: String, expected: String) {
        let others = text.hasPrefix("listen") ? "vhost a { }" : "listen 1; vhost a { }"
        #expect(mistakes("\(text)\n\(others)") == [expected])
    }

    @Test(
        "is refused with the nearest name",
        arguments: [
            ("listne 1;", #"a.conf:1:1: "listne" is not known; did you mean listen?"#),
            ("max_conections 1;", #"a.conf:1:1: "max_conections" is not known; did you mean max_connections?"#),
            (
                "gop_cash on;",
                #"a.conf:1:1: "gop_cash" is not known; did you mean gop_cache in vhost.play?"#
            ),
            ("mw_msgs 1;", #"a.conf:1:1: "mw_msgs" is not known; it stands in vhost.play"#),
            (
                "http_server { pid a; }",
                #"a.conf:1:15: "pid" is not known in http_server; it stands outside of any block"#
            ),
            (
                "http_server { enable on; }",
                #"a.conf:1:15: "enable" is not known in http_server; did you mean enabled?"#
            ),
            (
                "vhost b { play { gop_cash on; } }",
                #"a.conf:1:18: "gop_cash" is not known in vhost.play; did you mean gop_cache?"#
            ),
            (
                "vhost b { hls { hls_fragmant 2; } }",
                #"a.conf:1:17: "hls_fragmant" is not known in vhost.hls; did you mean hls_fragment?"#
            ),
            (
                "vhost b { gop_cach on; }",
                #"a.conf:1:11: "gop_cach" is not known in vhost; did you mean gop_cache?"#
            ),
            (
                "vhost b { mount x; }",
                #"a.conf:1:11: "mount" is not known in vhost; it stands in vhost.http_remux, in vhost.http_static"#
            ),
            (
                "enabled on;",
                #"a.conf:1:1: "enabled" is not known; it stands in rtmps, in http_server, in http_server.https or elsewhere"#
            ),
            (
                "vhost b { http_flv { } }",
                #"a.conf:1:11: "http_flv" is not known in vhost; the nearest name there is http_remux"#
            ),
            ("logfile x;", #"a.conf:1:1: "logfile" is not known; the nearest name there is srs_log_file"#),
            ("foo { bar { } }", #"a.conf:1:1: "foo" is not known; the nearest name there is loops"#),
            (
                "\(String(repeating: "x", count: 65)) 1;",
                #"a.conf:1:1: "\#(String(repeating: "x", count: 64))…" is not known"#
            ),
        ])
    func names(text: String, expected: String) {
        #expect(mistakes("\(text)\nlisten 1; vhost a { }") == [expected])
    }

    @Test(
        "is refused where directives contradict each other",
        arguments: [
            ("vhost a { }", [#"a.conf: needs "listen", the address of RTMP: listen 1935;"#]),
            ("", [#"a.conf: needs "listen", the address of RTMP: listen 1935;"#]),
            (
                "listen 1935 1935; vhost a { }",
                [#"a.conf:1:1: listen: "1935" overlaps with "1935" of listen"#]
            ),
            (
                "listen 8080; http_server { enabled on; } vhost a { }",
                [#"a.conf:1:1: listen: "8080" overlaps with "8080" of http_server.listen"#]
            ),
            (
                "listen 1; http_api { enabled on; listen 9; } exporter { enabled on; listen [::1]:9; } vhost a { }",
                [#"a.conf:1:69: exporter.listen: "[::1]:9" overlaps with "9" of http_api.listen"#]
            ),
            ("listen 8080; http_server { enabled off; } vhost a { }", []),
            (
                "listen 1; http_api { enabled on; listen 8080; } http_server { enabled on; } vhost a { }", []
            ),
            (
                "listen 1; http_api { enabled on; listen [::1]:8080; } http_server { enabled on; } vhost a { }",
                [#"a.conf:1:34: http_api.listen: "[::1]:8080" overlaps with "8080" of http_server.listen"#]
            ),
            (
                "listen 8080; http_server { enabled on; dir; } chunk_sice 1; vhost a { }",
                [
                    "a.conf:1:40: http_server.dir: needs a value: path",
                    #"a.conf:1:47: "chunk_sice" is not known; did you mean chunk_size?"#,
                    #"a.conf:1:1: listen: "8080" overlaps with "8080" of http_server.listen"#,
                ]
            ),
            (
                "listen 1; http_server { https { enabled on; } } vhost a { }",
                ["a.conf:1:33: http_server.https.enabled: needs http_server.enabled on"]
            ),
        ])
    func rules(text: String, expected: [String]) {
        #expect(mistakes(text) == expected)
    }

    @Test("is refused for variables as well, which are named")
    func variables() {
        let environment = [
            "SRS_LISTEN": "1935 19x5", "SRS_VHOST_PLAY_GOP_CACHE": "yes", "SRS_HTTP_SERVER_ENABLED": "on",
            "SRS_HTTP_SERVER_LISTEN": "1985", "SRS_HTTP_API_ENABLED": "on", "SRS_HTTP_API_LISTEN": "0.0.0.0:1985",
        ]
        #expect(
            mistakes("listen 1;", environment: environment) == [
                #"SRS_LISTEN: "19x5" is not a port from 1 to 65535"#,
                #"SRS_VHOST_PLAY_GOP_CACHE: "yes" is neither on nor off"#,
                #"SRS_HTTP_API_LISTEN: "0.0.0.0:1985" overlaps with "1985" of http_server.listen"#,
            ])
    }

    @Test("is told in one report: the text, the names, the values and the rules")
    func all() {
        let text = """
            listen 0x1;;
            chunk_sice 4096;
            http_server { enabled maybe; listen 8080 }
            include more.conf;
            vhost a {
            """
        #expect(
            mistakes(text, environment: ["SRS_MAX_CONNECTIONS": "0"]) == [
                #"a.conf:1:12: unexpected ";": a directive begins with its name"#,
                #"a.conf:3:42: expected ";" to end "listen", found "}""#,
                #"a.conf:5:10: expected "}" to close the block of "vhost" from line 5, the file ends"#,
                #"a.conf:4:9: cannot read "more.conf": No such file or directory"#,
                #"a.conf:1:8: listen: "0x1" is not a port from 1 to 65535"#,
                #"a.conf:2:1: "chunk_sice" is not known; did you mean chunk_size?"#,
                #"a.conf:3:23: http_server.enabled: "maybe" is neither on nor off"#,
                #"SRS_MAX_CONNECTIONS: "0" is not a number from 1 to 10000000"#,
            ])
    }

    @Test("shows no password of a URL")
    func secrets() {
        #expect(
            mistakes("listen 1; heartbeat { url htp://me:secret@host/a; } vhost a { }") == [
                #"a.conf:1:27: heartbeat.url: "…@host/a" is not a URL such as http://10.0.0.5:12025/api/v1/srs/register"#
            ])
    }
}
