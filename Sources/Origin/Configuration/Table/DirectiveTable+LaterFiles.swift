extension DirectiveTable {
    static let laterHLS = [
        DirectiveRule(
            known: "vhost.hls", .block, "", "HLS.", .notYet),
        DirectiveRule(
            known: "vhost.hls.enabled", .value, "off", "Whether it is written.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_fragment", .value, "10", "Seconds of a segment.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_td_ratio", .value, "1.5", "Factor of the target duration.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_aof_ratio", .value, "2.0",
            "Factor of a segment without a key frame after which it ends.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_window", .value, "60", "Seconds of the playlist.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_on_error", .value, "continue", "What an error does: ignore, disconnect or continue.",
            .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_path", .value, "./objs/nginx/html", "Directory of the files.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_m3u8_file", .value, "[app]/[stream].m3u8", "Path of the playlist in it.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_ts_file", .value, "[app]/[stream]-[seq].ts", "Path of a segment in it.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_use_fmp4", .value, "off", "Whether segments are fragmented MP4.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_fmp4_file", .value, "[app]/[stream]-[seq].m4s", "Path of such a segment.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_init_file", .value, "[app]/[stream]/init.mp4", "Path of their beginning.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_ts_floor", .value, "off", "Whether segments are cut at full intervals of the clock.",
            .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_entry_prefix", .value, "", "What is written before the names of segments.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_acodec", .value, "aac", "Audio codec of segments before any sound has come.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_vcodec", .value, "h264", "Video codec of segments before any picture has come.",
            .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_cleanup", .value, "on", "Whether old segments are removed.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_dispose", .value, "0",
            "Seconds after the end of a stream when all its files are removed; 0 for never.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_recover", .value, "on", "Whether a playlist goes on after a restart.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_wait_keyframe", .value, "on", "Whether a segment ends only before a key frame.",
            .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_nb_notify", .value, "64", "Bytes that are read of the answer to on_hls_notify.",
            .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_dts_directly", .value, "on", "Whether times of decoding are written as they are.",
            .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_ctx", .value, "on", "Whether viewers are told apart by a session in the playlist.",
            .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_ts_ctx", .value, "on", "Whether segments have the session too.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_master_m3u8_path_relative", .value, "off",
            "Whether the playlist of a session is named by a relative path.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_keys", .value, "off", "Whether segments are encrypted.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_fragments_per_key", .value, "5", "Segments of one key.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_key_file", .value, "[app]/[stream]-[seq].key", "Path of a key.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_key_file_path", .value, "./objs/nginx/html", "Directory of keys.", .notYet),
        DirectiveRule(
            known: "vhost.hls.hls_key_url", .value, "", "URL that keys are fetched from.", .notYet),
    ]

    static let laterFiles = [
        DirectiveRule(
            known: "vhost.dash", .block, "", "MPEG-DASH.", .notYet),
        DirectiveRule(
            known: "vhost.dash.enabled", .value, "off", "Whether it is written.", .notYet),
        DirectiveRule(
            known: "vhost.dash.dash_fragment", .value, "10", "Seconds of a segment.", .notYet),
        DirectiveRule(
            known: "vhost.dash.dash_update_period", .value, "5", "Seconds after which players look again.", .notYet),
        DirectiveRule(
            known: "vhost.dash.dash_timeshift", .value, "300", "Seconds that a player may go back.", .notYet),
        DirectiveRule(
            known: "vhost.dash.dash_path", .value, "./objs/nginx/html", "Directory of the files.", .notYet),
        DirectiveRule(
            known: "vhost.dash.dash_mpd_file", .value, "[app]/[stream].mpd", "Path of the description in it.", .notYet),
        DirectiveRule(
            known: "vhost.dash.dash_window_size", .value, "5", "Segments of the description.", .notYet),
        DirectiveRule(
            known: "vhost.dash.dash_cleanup", .value, "on", "Whether old segments are removed.", .notYet),
        DirectiveRule(
            known: "vhost.dash.dash_dispose", .value, "0",
            "Seconds after the end of a stream when all its files are removed; 0 for never.", .notYet),
        DirectiveRule(
            known: "vhost.hds", .block, "", "Adobe HDS.", .notYet),
        DirectiveRule(
            known: "vhost.hds.enabled", .value, "off", "Whether it is written.", .notYet),
        DirectiveRule(
            known: "vhost.hds.hds_fragment", .value, "10", "Seconds of a segment.", .notYet),
        DirectiveRule(
            known: "vhost.hds.hds_window", .value, "60", "Seconds of the playlist.", .notYet),
        DirectiveRule(
            known: "vhost.hds.hds_path", .value, "./objs/nginx/html", "Directory of the files.", .notYet),
        DirectiveRule(
            known: "vhost.dvr", .block, "", "Recording.", .notYet),
        DirectiveRule(
            known: "vhost.dvr.enabled", .value, "off", "Whether streams are recorded.", .notYet),
        DirectiveRule(
            known: "vhost.dvr.dvr_apply", .values, "all", "Which, as app/stream.", .notYet),
        DirectiveRule(
            known: "vhost.dvr.dvr_plan", .value, "session", "What a file is: session or segment.", .notYet),
        DirectiveRule(
            known: "vhost.dvr.dvr_path", .value, "./objs/nginx/html/[app]/[stream].[timestamp].flv", "Path of a file.",
            .notYet),
        DirectiveRule(
            known: "vhost.dvr.dvr_duration", .value, "30", "Seconds of a segment.", .notYet),
        DirectiveRule(
            known: "vhost.dvr.dvr_wait_keyframe", .value, "on", "Whether a segment ends only before a key frame.",
            .notYet),
        DirectiveRule(
            known: "vhost.dvr.time_jitter", .value, "full", "How timestamps are corrected.", .notYet),
        DirectiveRule(
            known: "vhost.http_static", .block, "", "Pages of the host.", .notYet),
        DirectiveRule(
            known: "vhost.http_static.enabled", .value, "off", "Whether they are served.", .notYet),
        DirectiveRule(
            known: "vhost.http_static.mount", .value, "[vhost]/", "The path that they begin at.", .notYet),
        DirectiveRule(
            known: "vhost.http_static.dir", .value, "./objs/nginx/html", "Their directory.", .notYet),
        DirectiveRule(
            known: "vhost.play.atc_auto", .value, "off", "Whether `atc` is switched on by the metadata of a stream.",
            .notYet),
        DirectiveRule(
            known: "vhost.publish.try_annexb_first", .value, "on",
            "Whether H.264 with start codes is looked for first.", .notYet),
    ]
}
