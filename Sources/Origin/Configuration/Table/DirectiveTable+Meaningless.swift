extension DirectiveTable {
    static let meaningless = [
        DirectiveRule(
            known: "pithy_print_ms", .value, "10000", "Milliseconds from one line on a session to the next.",
            .meaningless("nothing here is printed at intervals")),
        DirectiveRule(
            known: "empty_ip_ok", .value, "on", "Whether a client without an address is served.",
            .meaningless("every client has an address")),
        DirectiveRule(
            known: "disable_daemon_for_docker", .value, "on", "Whether `daemon` is off in a container.",
            .meaningless("this program does the same in a container and outside")),
        DirectiveRule(
            known: "auto_reload_for_docker", .value, "on", "Whether `inotify_auto_reload` is on in a container.",
            .meaningless("this program does the same in a container and outside")),
        DirectiveRule(
            known: "in_docker", .value, "off", "Whether this is a container.",
            .meaningless("this program does the same in a container and outside")),
        DirectiveRule(
            known: "is_full", .value, "off", "Marks a file that is there to be read, not to be used.",
            .meaningless("a file that is named is used")),
        DirectiveRule(
            known: "tcmalloc_release_rate", .value, "0.8", "How fast memory goes back to the system.",
            .meaningless("the memory allocator is another one")),
        DirectiveRule(
            known: "query_latest_version", .value, "on", "Whether the newest version is asked for.",
            .meaningless("this program asks nobody for newer versions")),
        DirectiveRule(
            known: "first_wait_for_qlv", .value, "300", "Seconds before that.",
            .meaningless("this program asks nobody for newer versions")),
        DirectiveRule(
            known: "threads", .block, "", "Threads of the program.", .meaningless("every core has its own loop")),
        DirectiveRule(
            known: "threads.interval", .value, "5", "Seconds from one look at them to the next.",
            .meaningless("every core has its own loop")),
        DirectiveRule(
            known: "tencentcloud_cls", .block, "", "Logs for a cloud.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.enabled", .value, "off", "Whether they are sent.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.label", .value, "", "A label of all.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.tag", .value, "", "A second one.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.secret_id", .value, "", "Name of the account.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.secret_key", .value, "", "Its password.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.endpoint", .value, "", "Where they go.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.topic_id", .value, "", "What they belong to.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.stat_heartbeat", .value, "on", "Whether heartbeats are sent.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.stat_streams", .value, "on", "Whether streams are.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.heartbeat_ratio", .value, "1", "One of how many heartbeats.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.streams_ratio", .value, "1", "One of how many streams.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_cls.debug_logging", .value, "off", "Whether what is sent is logged.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_apm", .block, "", "Traces for a cloud.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_apm.enabled", .value, "off", "Whether they are sent.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_apm.team", .value, "", "Name of the account.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_apm.token", .value, "", "Its password.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_apm.endpoint", .value, "", "Where they go.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_apm.service_name", .value, "srs-server", "Name of this service.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "tencentcloud_apm.debug_logging", .value, "off", "Whether what is sent is logged.",
            .meaningless("metrics and logs go to where Prometheus and your log collector take them")),
        DirectiveRule(
            known: "stream_caster.tcp_enable", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.rtp_port_min", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.rtp_port_max", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.wait_keyframe", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.rtp_idle_timeout", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.audio_enable", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.auto_create_channel", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.sip.serial", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.sip.realm", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.sip.ack_timeout", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.sip.keepalive_timeout", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.sip.invite_port_fixed", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.sip.query_catalog_interval", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "stream_caster.sip.auto_play", .value, "", "A setting of SRS 4 for GB28181.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "rtc_server.perf_stat", .value, "", "A setting of SRS 3 for WebRTC.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "rtc_server.queue_length", .value, "", "A setting of SRS 3 for WebRTC.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "vhost.publish.mr", .value, "off", "Whether reading waits for more.",
            .meaningless("reading takes at once what has come")),
        DirectiveRule(
            known: "vhost.publish.mr_latency", .value, "350", "Milliseconds that it waits.",
            .meaningless("reading takes at once what has come")),
        DirectiveRule(
            known: "vhost.http_remux.hstrs", .value, "on", "Whether a viewer may come before the publisher.",
            .meaningless("a viewer always may")),
        DirectiveRule(
            known: "vhost.hls.hls_storage", .value, "disk", "Where segments are kept.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "vhost.hls.hls_mount", .value, "", "The path of segments in memory.",
            .meaningless("SRS does not use it either")),
        DirectiveRule(
            known: "vhost.bandcheck", .anything, "", "Measuring of bandwidth, by Flash.", .meaningless("Flash is gone")),
    ]
}
