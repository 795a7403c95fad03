import HTTP
import Service
import Testing

@testable import Origin

/// Files as users of SRS have them.
@Suite("A configuration as it is usual with SRS")
struct UsualConfigurationTests {
    private static let container = """
        # for a container: everything on the console
        listen              1935;
        max_connections     1000;
        daemon              off;
        srs_log_tank        console;
        disable_daemon_for_docker off;
        auto_reload_for_docker off;
        inotify_auto_reload off;
        http_api {
            enabled         on;
            listen          1985;
        }
        http_server {
            enabled         on;
            listen          8080;
            dir             ./objs/nginx/html;
        }
        rtc_server {
            enabled on;
            listen 8000; # UDP
            candidate $CANDIDATE;
        }
        vhost __defaultVhost__ {
            hls { enabled on; }
            http_remux {
                enabled     on;
                mount       [vhost]/[app]/[stream].flv;
            }
            rtc { enabled on; rtmp_to_rtc on; rtc_to_rtmp on; }
            play { gop_cache_max_frames 2500; }
        }
        """

    private static let behindProxy = """
        listen              19351;
        max_connections     1000;
        pid                 objs/origin1.pid;
        daemon              off;
        srs_log_tank        console;
        http_server { enabled on; listen 8081; dir ./objs/nginx/html; }
        http_api { enabled on; listen 19851; }
        srt_server { enabled on; listen 10081; tsbpdmode off; tlpktdrop off; }
        heartbeat {
            enabled on;
            interval 9;
            url http://127.0.0.1:12025/api/v1/srs/register;
            device_id origin1;
            ports on;
        }
        vhost __defaultVhost__ {
            http_remux { enabled on; mount [vhost]/[app]/[stream].flv; }
            srt { enabled on; srt_to_rtmp on; }
        }
        """

    private static let leastDelay = """
        listen 1935;
        vhost __defaultVhost__ {
            tcp_nodelay     on;
            min_latency     on;
            play { gop_cache off; queue_length 10; mw_latency 100; }
            publish { mr off; }
        }
        """

    private static let transcoding = """
        listen 1935;
        srs_log_file ./objs/srs.log;
        vhost __defaultVhost__ {
            transcode {
                enabled on;
                ffmpeg ./objs/ffmpeg/bin/ffmpeg;
                engine ff {
                    enabled on;
                    vfilter { i ./doc/logo.png; filter_complex 'overlay=10:10'; }
                    vcodec libx264; vbitrate 500; vfps 25; vparams { t 100; coder 1; b_strategy 2; }
                    acodec libfdk_aac; aparams { profile:a aac_low; }
                    output rtmp://127.0.0.1:[port]/[app]/[stream]_[engine]?vhost=[vhost];
                }
            }
            ingest livestream {
                enabled on;
                input { type file; url "./doc/a file.flv"; }
                ffmpeg ./objs/ffmpeg/bin/ffmpeg;
                engine { enabled off; output rtmp://127.0.0.1:[port]/live/livestream; }
            }
            exec { enabled off; publish ./objs/ffmpeg/bin/ffmpeg -f flv -i [url] -y ./[stream].flv; }
            dvr { enabled on; dvr_path ./objs/[app]/[stream].[timestamp].flv; dvr_plan session; }
        }
        """

    @Test(
        "is read, and tells what is missing",
        arguments: [
            (container, ["a.conf:18:1: rtc_server", "a.conf:24:5: vhost.hls", "a.conf:29:5: vhost.rtc"]),
            (behindProxy, ["a.conf:8:1: srt_server", "a.conf:18:5: vhost.srt"]),
            (leastDelay, []),
            (transcoding, ["a.conf:4:5: vhost.transcode", "a.conf:15:5: vhost.ingest", "a.conf:22:5: vhost.dvr"]),
        ])
    func usual(text: String, missing: [String]) throws {
        let warnings = try server(text).warnings.map(\.description).filter { !$0.contains("srs_log_file") }
        #expect(warnings == missing.map { "\($0) is not supported yet" })
    }

    @Test("tells proxies what they need")
    func heartbeat() throws {
        let heartbeat = try server(Self.behindProxy).configuration.heartbeat
        #expect(heartbeat.isEnabled && heartbeat.withPorts && heartbeat.interval == .seconds(9))
        #expect(heartbeat.urls.map(\.target) == ["/api/v1/srs/register"])
        #expect(heartbeat.urls.map(\.origin.port) == [12_025])
    }

    @Test("has the least delay where it asks for it")
    func delay() throws {
        let host = try #require(try server(Self.leastDelay).configuration.virtualHost(named: "a.example.com"))
        let policy = HostSettings(host, chunkSize: 60_000).policy
        #expect(!policy.groupCache.isEnabled && policy.mergeLatency == .zero)
    }
}
