import Service
import Testing

@testable import Origin

@Suite("A warning of the origin's configuration")
struct OriginConfigurationWarningTests {
    @Test(
        "tells what is not supported, and has no meaning, where it is switched on",
        arguments: [
            ("hls { enabled on; hls_fragment 2; }", ["a.conf:1:39: vhost.hls is not supported yet"]),
            ("hls { enabled off; hls_fragment 2; }", []),
            ("play { atc_auto on; }", ["a.conf:1:46: vhost.play.atc_auto is not supported yet"]),
            ("forward 10.0.0.1:1935;", ["a.conf:1:39: vhost.forward is not supported yet"]),
            (
                "security { enabled on; allow play all; deny publish all; deny play 1.2.3.4; }",
                ["a.conf:1:39: vhost.security is not supported yet, so nobody is kept out by it"]
            ),
            (
                "http_hooks { enabled on; on_publish http://a/b http://c/d; }",
                ["a.conf:1:39: vhost.http_hooks is not supported yet, so nobody is kept out by it"]
            ),
            (
                "transcode live { enabled on; engine a { vfilter { i x; any thing; } vcodec libx264; } engine b { } }",
                ["a.conf:1:39: vhost.transcode is not supported yet"]
            ),
            (
                "http_remux { hstrs yes; }",
                ["a.conf:1:52: vhost.http_remux.hstrs has no meaning here: a viewer always may"]
            ),
            ("chunk_size 4096;", ["a.conf:1:39: vhost.chunk_size is not supported yet"]),
            ("chunk_size 60000; in_ack_size 0; out_ack_size 2500000; play { atc off; }", []),
            ("play { atc on; }", ["a.conf:1:46: vhost.play.atc is not supported yet"]),
            ("http_remux { fast_cache 5; }", ["a.conf:1:52: vhost.http_remux.fast_cache is not supported yet"]),
            (
                "publish { mr on; }",
                ["a.conf:1:49: vhost.publish.mr has no meaning here: reading takes at once what has come"]
            ),
            ("bandcheck { enabled on; key a; }", ["a.conf:1:39: vhost.bandcheck has no meaning here: Flash is gone"]),
        ])
    func unsupported(text: String, expected: [String]) throws {
        #expect(try configuration(text).warnings.map(\.description) == expected)
    }

    @Test(
        "tells where it cannot be followed",
        arguments: [
            ("tcp_nodelay on;", []),
            (
                "tcp_nodelay off;",
                [
                    "a.conf:1:39: vhost.tcp_nodelay: small writes go out at once all the same; "
                        + "play.mw_latency says what is gathered"
                ]
            ),
            ("play { time_jitter full; mw_msgs 8; }", []),
            (
                "play { time_jitter off; }",
                ["a.conf:1:46: vhost.play.time_jitter: timestamps are corrected as full says all the same"]
            ),
            (
                "play { mw_msgs 9; }",
                [
                    "a.conf:1:46: vhost.play.mw_msgs: a write waits for the time of mw_latency, "
                        + "whatever the number of frames"
                ]
            ),
            ("http_remux { has_audio on; has_video on; guess_has_av on; drop_if_not_match off; }", []),
            (
                "http_remux { has_audio off; drop_if_not_match on; }",
                [
                    "a.conf:1:52: vhost.http_remux.has_audio: the header announces what the stream has shown so far",
                    "a.conf:1:67: vhost.http_remux.drop_if_not_match: "
                        + "tracks that come later than the header are sent all the same",
                ]
            ),
        ])
    func remarked(text: String, expected: [String]) throws {
        #expect(try configuration(text).warnings.map(\.description) == expected)
        #expect(throws: ConfigurationMistakes.self) { try configuration("play { time_jitter none; }") }
    }

    @Test(
        "tells what looks unintended",
        arguments: [
            ("daemon on;", ["a.conf:1:1: daemon: the program stays in the foreground"]),
            ("daemon off;", []),
            ("in_docker off; ff_log_dir ./objs; stats { disk sda; }", ["a.conf:1:43: stats.disk is not supported yet"]),
            ("rtc_server { listen 8000; }", []),
            ("rtc_server { enabled on; listen 8000; }", ["a.conf:1:1: rtc_server is not supported yet"]),
            (
                "vhost Live.B { } vhost live.b { }",
                ["a.conf:1:18: vhost live.b is given already, at a.conf:1:1, which holds"]
            ),
            ("srs_log_tank console;", []),
            ("srs_log_tank file;", ["a.conf:1:1: srs_log_tank: logs go to the standard error output, not to a file"]),
            ("srs_log_file a;", ["a.conf:1:1: srs_log_file: logs go to the standard error output, not to a file"]),
            (
                "chunk_size 128; chunk_size 129;",
                ["a.conf:1:17: chunk_size is given already, at a.conf:1:1, which holds"]
            ),
            ("vhost b { } vhost b { }", ["a.conf:1:13: vhost b is given already, at a.conf:1:1, which holds"]),
            (
                "vhost b { play { } play { gop_cache off; } }",
                ["a.conf:1:20: vhost.play is given already, at a.conf:1:11, which holds"]
            ),
            ("stream_caster { enabled off; } stream_caster { enabled off; }", []),
            (
                "query_latest_version yes;",
                [
                    "a.conf:1:1: query_latest_version has no meaning here: this program asks nobody for newer versions"
                ]
            ),
        ])
    func unintended(text: String, expected: [String]) throws {
        #expect(try server("\(text)\nlisten 1; vhost a { }").warnings.map(\.description) == expected)
    }

    @Test("tells who could not publish, and what could not be played")
    func useless() throws {
        #expect(
            try server("listen 1; vhost a { enabled off; }").warnings.map(\.description) == [
                "no vhost is enabled: nobody can publish or play; write vhost __defaultVhost__ { }"
            ])
        #expect(
            try configuration("http_remux { enabled on; }").warnings.map(\.description) == [
                "vhost.http_remux has no effect without http_server.enabled on"
            ])
    }

    @Test(
        "names the variable that was probably meant",
        arguments: [
            (["SRS_LISTENS": "1"], "SRS_LISTENS is not known; did you mean SRS_LISTEN?"),
            (
                ["SRS_VHOST_PLAY_GOP_CASH": "1"],
                "SRS_VHOST_PLAY_GOP_CASH is not known; did you mean SRS_VHOST_PLAY_GOP_CACHE?"
            ),
            (["SRS_SERVICE_HOST": "1"], "SRS_SERVICE_HOST is not known"),
            (["SRS_VHOST_HLS_ENABLED": "on"], "SRS_VHOST_HLS_ENABLED is not supported yet"),
            (
                ["SRS_IN_DOCKER": "on"],
                "SRS_IN_DOCKER has no meaning here: this program does the same in a container and outside"
            ),
            (["SRS_DAEMON": "on"], "SRS_DAEMON: the program stays in the foreground"),
        ])
    func variables(environment: [String: String], expected: String) throws {
        let all = environment.merging(["SRS_RTC_SERVER_ENABLED": "off", "SRS_CONFIG_FILE": "a", "PATH": "x"]) {
            own, _ in own
        }
        #expect(try configuration("", environment: all).warnings.map(\.description) == [expected])
    }
}
