import Service

/// Every directive there is: those of SRS 5 and 6, what SRS 7 has beside them, and what is our own. Reading,
/// suggestions, variables and the reference all follow from this table.
package enum DirectiveTable {
    /// Directives that belong together: a section of the reference.
    package struct Group: Sendable {
        package let title: String
        package let rules: [DirectiveRule]
    }

    /// What variables of ours begin with.
    static let prefix = "SRS_"

    package static let supported = [
        Group(title: "Server", rules: server),
        Group(title: "HTTP streams and pages", rules: httpServer),
        Group(title: "HTTP API and metrics", rules: httpAPI),
        Group(title: "Heartbeats", rules: heartbeat),
        Group(title: "Virtual hosts", rules: virtualHost),
        Group(title: "Playing", rules: play),
        Group(title: "Publishing", rules: publish),
        Group(title: "HTTP-FLV and WebSocket-FLV", rules: httpRemux),
    ]

    package static let notYet = [
        Group(title: "Server", rules: laterServer),
        Group(title: "Streams", rules: laterStreams),
        Group(title: "WebRTC", rules: laterWebRTC),
        Group(title: "SRT and RTSP", rules: laterSRT),
        Group(title: "Stream casters", rules: laterCasters),
        Group(title: "Access and hooks", rules: laterAccess),
        Group(title: "Clusters and forwarding", rules: laterRelays),
        Group(title: "Transcoding, ingest and commands", rules: laterTranscoding),
        Group(title: "HLS", rules: laterHLS),
        Group(title: "DASH, HDS, recording and pages of a host", rules: laterFiles),
    ]

    package static let all = (supported + notYet).flatMap(\.rules) + meaningless

    /// By path.
    static let rules = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

    /// By the path of a block, the names of what may stand in it.
    static let names = Dictionary(grouping: all, by: \.parent).mapValues { $0.map(\.name) }

    /// By name, the paths of the blocks that it may stand in.
    static let homes = Dictionary(grouping: all, by: \.name).mapValues { $0.map(\.parent) }

    static let allNames = homes.keys.sorted()

    static let variableNames = variables.keys.sorted()

    /// By name of the variable. SRS reads some by two names.
    static let variables: [String: DirectiveRule] = {
        var variables: [String: DirectiveRule] = [:]
        for rule in all where rule.hasVariable { variables[rule.variable] = rule }
        for name in ["LOG_TANK", "LOG_LEVEL", "LOG_LEVEL_V2", "LOG_FILE"] {
            variables["SRS_\(name)"] = variables["SRS_SRS_\(name)"]
        }
        variables["SRS_VHOST_SRT_TO_RTMP"] = variables["SRS_VHOST_SRT_SRT_TO_RTMP"]
        for (name, path) in namesOfVersion7 { variables[DirectiveRule.variable(for: name)] = rules[path] }
        return variables
    }()

    /// Older names of directives and of blocks, as paths, and what is called so now. SRS reads them too.
    package static let renamed: KeyValuePairs = [
        "http_stream": "http_server",
        "srt_server.tlpkdrop": "srt_server.tlpktdrop",
        "srt_server.mms": "srt_server.mss",
        "stream_caster.host": "stream_caster.sip.candidate",
        "vhost.http": "vhost.http_static",
        "vhost.mr.enabled": "vhost.publish.mr",
        "vhost.mr.latency": "vhost.publish.mr_latency",
        "vhost.publish_1stpkt_timeout": "vhost.publish.firstpkt_timeout",
        "vhost.publish_normal_timeout": "vhost.publish.normal_timeout",
        "vhost.time_jitter": "vhost.play.time_jitter",
        "vhost.mix_correct": "vhost.play.mix_correct",
        "vhost.atc": "vhost.play.atc",
        "vhost.atc_auto": "vhost.play.atc_auto",
        "vhost.mw_latency": "vhost.play.mw_latency",
        "vhost.gop_cache": "vhost.play.gop_cache",
        "vhost.gop_cache_max_frames": "vhost.play.gop_cache_max_frames",
        "vhost.queue_length": "vhost.play.queue_length",
        "vhost.send_min_interval": "vhost.play.send_min_interval",
        "vhost.reduce_sequence_header": "vhost.play.reduce_sequence_header",
        "vhost.refer_play": "vhost.refer.play",
        "vhost.refer_publish": "vhost.refer.publish",
        "vhost.mode": "vhost.cluster.mode",
        "vhost.origin": "vhost.cluster.origin",
        "vhost.token_traverse": "vhost.cluster.token_traverse",
        "vhost.vhost": "vhost.cluster.vhost",
        "vhost.debug_srs_upnode": "vhost.cluster.debug_srs_upnode",
        "vhost.nack.enabled": "vhost.rtc.nack",
        "vhost.nack.no_copy": "vhost.rtc.nack_no_copy",
        "vhost.twcc.enabled": "vhost.rtc.twcc",
        "vhost.rtc.aac": "vhost.rtc.rtmp_to_rtc",
        "vhost.rtc.bframe": "vhost.rtc.keep_bframe",
    ]

    static let newNames = Dictionary(uniqueKeysWithValues: renamed.map { ($0.key, $0.value) })

    /// By the path of a block, the older names of what may stand in it.
    static let olderNames = Dictionary(grouping: renamed.map(\.key), by: DirectiveRule.parent(of:))
        .mapValues { $0.map(DirectiveRule.name(at:)) }

    /// Names that SRS 7 has for directives of the root.
    static let namesOfVersion7 = ["rtmp.listen": "listen", "rtmp.chunk_size": "chunk_size"]
}
