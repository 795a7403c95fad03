import Service
import Testing

@testable import Origin

@Suite("The table of directives")
struct DirectiveTableTests {
    @Test("has each directive once, in a block that there is")
    func paths() {
        let paths = DirectiveTable.all.map(\.path)
        #expect(Set(paths).count == paths.count)
        for rule in DirectiveTable.all where !rule.parent.isEmpty {
            let parent = DirectiveTable.rules[rule.parent]
            #expect(parent != nil && parent?.form != .value && parent?.form != .values, "\(rule.path)")
        }
    }

    @Test("says one sentence on each, with no bar that would break the tables of the reference")
    func sentences() {
        for rule in DirectiveTable.all {
            #expect(rule.summary.hasSuffix("."), "\(rule.path)")
            #expect(!rule.summary.dropLast().contains(". "), "\(rule.path)")
            #expect(!"\(rule.summary)\(rule.forms)\(rule.standard)".contains("|"), "\(rule.path)")
        }
    }

    @Test("has new names for old ones, and no name twice")
    func renamed() {
        for (old, new) in DirectiveTable.renamed {
            #expect(DirectiveTable.rules[new] != nil, "\(new)")
            #expect(DirectiveTable.rules[old] == nil, "\(old)")
            let parent = old.split(separator: ".").dropLast().joined(separator: ".")
            #expect(parent.isEmpty || DirectiveTable.rules[parent] != nil, "\(old)")
        }
    }

    @Test("has a variable for each value, and none for two")
    func variables() {
        let valued = DirectiveTable.all.filter(\.hasVariable)
        #expect(Set(valued.map(\.variable)).count == valued.count)
        #expect(DirectiveTable.variables["SRS_HTTP_SERVER_HTTPS_CERT"]?.path == "http_server.https.cert")
        #expect(DirectiveTable.variables["SRS_LOG_LEVEL"]?.path == "srs_log_level")
        #expect(DirectiveTable.variables["SRS_SRS_LOG_LEVEL"]?.path == "srs_log_level")
        #expect(DirectiveTable.variables["SRS_VHOST"] == nil)
    }

    @Test("shows defaults as they can be written")
    func written() throws {
        for rule in DirectiveTable.all {
            guard case .text(let text) = rule.standard else { continue }
            switch rule.effect {
            case .none: continue
            case .server(let set):
                var configuration = OriginConfiguration()
                _ = try set(text.split(separator: " ").map(String.init), &configuration)
                #expect(configuration == OriginConfiguration(), "\(rule.path)")
            case .virtualHost(let set):
                var host = OriginVirtualHost()
                _ = try set([text], &host)
                #expect(host == OriginVirtualHost(), "\(rule.path)")
            }
        }
    }

    @Test(
        "has SRS's defaults",
        arguments: [
            ("listen", "1935"), ("chunk_size", "60000"), ("max_connections", "1000"), ("work_dir", "./"),
            ("srs_log_level", "trace"), ("grace_start_wait", "2300"), ("grace_final_wait", "3200"),
            ("force_grace_quit", "off"), ("stats.network", "0"), ("rtmps.enabled", "off"),
            ("rtmps.key", "./conf/server.key"), ("rtmps.cert", "./conf/server.crt"), ("http_api.enabled", "off"),
            ("http_api.listen", "1985"), ("http_api.crossdomain", "on"), ("http_server.enabled", "off"),
            ("http_server.listen", "8080"), ("http_server.dir", "./objs/nginx/html"),
            ("http_server.crossdomain", "on"), ("http_server.https.enabled", "off"),
            ("http_server.https.listen", "8088"), ("http_server.https.key", "./conf/server.key"),
            ("http_server.https.cert", "./conf/server.crt"), ("exporter.enabled", "off"), ("exporter.listen", "9972"),
            ("heartbeat.enabled", "off"), ("heartbeat.interval", "10"),
            ("heartbeat.url", "http://127.0.0.1:8085/api/v1/servers"), ("heartbeat.summaries", "off"),
            ("heartbeat.ports", "off"), ("vhost.enabled", "on"), ("vhost.min_latency", "off"),
            ("vhost.play.gop_cache", "on"), ("vhost.play.gop_cache_max_frames", "2500"),
            ("vhost.play.queue_length", "30"), ("vhost.play.mw_latency", "350"),
            ("vhost.play.time_jitter", "full"), ("vhost.play.reduce_sequence_header", "off"),
            ("vhost.publish.firstpkt_timeout", "20000"), ("vhost.publish.normal_timeout", "5000"),
            ("vhost.publish.parse_sps", "on"), ("vhost.publish.kickoff_for_idle", "0"),
            ("vhost.http_remux.enabled", "off"), ("vhost.http_remux.mount", "[vhost]/[app]/[stream].flv"),
            ("vhost.http_remux.has_audio", "on"), ("vhost.http_remux.has_video", "on"),
            ("vhost.http_remux.guess_has_av", "on"),
        ])
    func defaults(path: String, expected: String) {
        #expect(DirectiveTable.rules[path]?.standard == .text(expected))
        #expect(DirectiveTable.rules[path]?.support == .supported)
    }

    /// What SRS 6 takes, block by block.
    @Test(
        "knows every directive of SRS",
        arguments: [
            (
                "",
                """
                listen pid chunk_size ff_log_dir srs_log_tank srs_log_level srs_log_level_v2 srs_log_file max_connections
                daemon heartbeat tencentcloud_apm http_api stats vhost pithy_print_ms http_server stream_caster rtc_server
                srt_server utc_time work_dir asprocess server_id ff_log_level grace_final_wait force_grace_quit
                grace_start_wait empty_ip_ok disable_daemon_for_docker inotify_auto_reload auto_reload_for_docker
                tcmalloc_release_rate query_latest_version first_wait_for_qlv threads circuit_breaker is_full in_docker
                tencentcloud_cls exporter rtsp_server rtmp rtmps
                """
            ),
            ("http_api", "enabled listen crossdomain raw_api auth https"),
            ("http_server", "enabled listen dir crossdomain https"),
            ("heartbeat", "enabled interval url device_id summaries ports"),
            ("stats", "enabled network disk"),
            (
                "srt_server",
                """
                enabled listen maxbw mss latency recvlatency peerlatency connect_timeout peer_idle_timeout sendbuf recvbuf
                payloadsize default_app default_streamid sei_filter mix_correct tlpktdrop tsbpdmode passphrase pbkeylen
                """
            ),
            (
                "rtc_server",
                """
                enabled listen dir candidate ecdsa tcp encrypt reuseport merge_nalus black_hole protocol ip_family
                api_as_candidates resolve_api_domain keep_api_domain use_auto_detect_network_ip
                """
            ),
            (
                "vhost",
                """
                enabled chunk_size min_latency tcp_nodelay dvr ingest hls http_hooks refer forward transcode bandcheck play
                publish cluster security http_remux dash http_static hds exec in_ack_size out_ack_size rtc srt rtsp
                """
            ),
            (
                "vhost.play",
                """
                time_jitter mix_correct atc atc_auto mw_latency gop_cache gop_cache_max_frames queue_length
                send_min_interval reduce_sequence_header mw_msgs
                """
            ),
            (
                "vhost.publish",
                "mr mr_latency firstpkt_timeout normal_timeout parse_sps try_annexb_first kickoff_for_idle"
            ),
            ("vhost.http_remux", "enabled mount fast_cache drop_if_not_match has_audio has_video guess_has_av"),
            (
                "vhost.hls",
                """
                enabled hls_entry_prefix hls_path hls_fragment hls_window hls_on_error hls_storage hls_mount hls_td_ratio
                hls_aof_ratio hls_acodec hls_vcodec hls_m3u8_file hls_ts_file hls_ts_floor hls_cleanup hls_nb_notify
                hls_wait_keyframe hls_dispose hls_keys hls_fragments_per_key hls_key_file hls_key_file_path hls_key_url
                hls_dts_directly hls_ctx hls_ts_ctx hls_use_fmp4 hls_fmp4_file hls_init_file hls_recover
                """
            ),
            (
                "vhost.transcode.engine",
                """
                enabled vfilter vcodec vbitrate vfps vwidth vheight vthreads vprofile vpreset vparams acodec abitrate
                asample_rate achannels aparams output perfile iformat oformat
                """
            ),
            (
                "vhost.cluster",
                """
                mode origin token_traverse vhost debug_srs_upnode coworkers origin_cluster protocol follow_client
                """
            ),
            (
                "vhost.http_hooks",
                "enabled on_connect on_close on_publish on_unpublish on_play on_stop on_dvr on_hls on_hls_notify"
            ),
            (
                "vhost.rtc",
                """
                enabled nack twcc nack_no_copy bframe aac stun_timeout stun_strict_check dtls_role dtls_version drop_for_pt
                rtc_to_rtmp pli_for_rtmp rtmp_to_rtc keep_bframe opus_bitrate aac_bitrate keep_avc_nalu_sei
                """
            ),
        ])
    func completeness(block: String, names: String) {
        for name in names.split(whereSeparator: \.isWhitespace) {
            let path = block.isEmpty ? String(name) : "\(block).\(name)"
            #expect(DirectiveTable.rules[path] != nil || DirectiveTable.newNames[path] != nil, "\(path)")
        }
    }
}
