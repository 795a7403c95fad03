import Service

extension DirectiveTable {
    private static let frameTimes = Duration.zero ... .seconds(60)
    private static let timeouts = Duration.milliseconds(1) ... .seconds(3_600)

    static let virtualHost = [
        DirectiveRule(
            block: "vhost", named: "NAME",
            "What holds for the streams of one host; `__defaultVhost__` is for those whose host has no block."),
        DirectiveRule(host: "vhost.enabled", \.isEnabled, .onOrOff, "Whether its streams are served."),
        DirectiveRule(
            host: "vhost.min_latency", \.minimumLatency, .onOrOff,
            "Whether frames go out as they come, whatever `play.mw_latency` says."),
        DirectiveRule(
            hostRemarked: "vhost.tcp_nodelay", .onOrOff, standard: .text("on"),
            "Whether small writes go out at once, which they always do here, where SRS has off.",
            remark: { $0 ? nil : "small writes go out at once all the same; play.mw_latency says what is gathered" }),
    ]

    static let play = [
        DirectiveRule(block: "vhost.play", "Towards viewers."),
        DirectiveRule(
            host: "vhost.play.gop_cache", \.play.gopCache, .onOrOff,
            "Whether a viewer starts at once, with the last group of pictures, unless that has grown over 60 s or 32 MiB; "
                + "without it the delay is less."),
        DirectiveRule(
            host: "vhost.play.gop_cache_max_frames", \.play.gopCacheMaximumFrames, .count(0...1_000_000),
            "Frames of that group, beyond which it is dropped as well; 0 sets no bound besides those on time and bytes."
        ),
        DirectiveRule(
            host: "vhost.play.queue_length", \.play.queueLength, .seconds(.seconds(1) ... .seconds(3_600)),
            "How much of a stream may wait for a slow viewer, who then skips to a key frame."),
        DirectiveRule(
            host: "vhost.play.mw_latency", \.play.mergedWriteLatency, .milliseconds(frameTimes),
            "How long frames are gathered for one write."),
        DirectiveRule(
            hostRemarked: "vhost.play.mw_msgs", .count(0...128), standard: .words("none"),
            "How many frames one write waits for, besides the time; here the time alone counts, where SRS has 8.",
            remark: { $0 > 8 ? "a write waits for the time of mw_latency, whatever the number of frames" : nil }),
        DirectiveRule(
            hostRemarked: "vhost.play.time_jitter", ValueKind<TimeJitter>.oneOf, standard: .text("full"),
            "How timestamps are corrected, which is always as full says here: they never go back, and steps of the "
                + "publisher's clock are taken out.",
            remark: { $0 == .full ? nil : "timestamps are corrected as full says all the same" }),
        DirectiveRule(
            host: "vhost.play.reduce_sequence_header", \.play.reduceSequenceHeader, .onOrOff,
            "Whether a codec's configuration that has not changed is sent once only."),
    ]

    static let publish = [
        DirectiveRule(block: "vhost.publish", "From publishers."),
        DirectiveRule(block: "vhost.mr", "Where SRS 2 had `publish.mr` and `publish.mr_latency`."),
        DirectiveRule(
            host: "vhost.publish.firstpkt_timeout", \.publish.firstFrameTimeout, .milliseconds(timeouts),
            "How long a publisher may take for its first frame."),
        DirectiveRule(
            host: "vhost.publish.normal_timeout", \.publish.silenceTimeout, .milliseconds(timeouts),
            "How long it may be silent after that."),
        DirectiveRule(
            host: "vhost.publish.parse_sps", \.publish.parseSPS, .onOrOff,
            "Whether size and profile are read from the stream; off for encoders whose parameter sets are wrong."),
        DirectiveRule(
            host: "vhost.publish.kickoff_for_idle", \.publish.idleTimeout, .seconds(.zero ... .seconds(86_400)),
            "How long a publisher may go on without a viewer; 0 for as long as it likes."),
    ]

    static let httpRemux = [
        DirectiveRule(block: "vhost.http_remux", "Streams over HTTP; it needs `http_server`."),
        DirectiveRule(host: "vhost.http_remux.enabled", \.httpRemux.isEnabled, .onOrOff, "Whether they are served."),
        DirectiveRule(
            hostRemarked: "vhost.http_remux.mount", .mount, standard: .text("[vhost]/[app]/[stream].flv"),
            "The path of a stream, where `[vhost]`, `[app]` and `[stream]` stand for its names; there is one yet.",
            remark: { _ in nil }),
        DirectiveRule(
            hostRemarked: "vhost.http_remux.drop_if_not_match", .onOrOff, standard: .text("off"),
            "Whether frames are left out that the header does not announce, which they never are here, where SRS has on.",
            remark: { $0 ? "tracks that come later than the header are sent all the same" : nil }),
        DirectiveRule(
            hostRemarked: "vhost.http_remux.has_audio", .onOrOff, standard: .text("on"),
            "Whether the header announces sound, where it is not guessed, which it always is here.",
            remark: { $0 ? nil : "the header announces what the stream has shown so far" }),
        DirectiveRule(
            hostRemarked: "vhost.http_remux.has_video", .onOrOff, standard: .text("on"),
            "Whether the header announces pictures, where it is not guessed, which it always is here.",
            remark: { $0 ? nil : "the header announces what the stream has shown so far" }),
        DirectiveRule(
            hostRemarked: "vhost.http_remux.guess_has_av", .onOrOff, standard: .text("on"),
            "Whether the header announces what the stream has shown so far, which it always does here.",
            remark: { $0 ? nil : "the header announces what the stream has shown so far" }),
    ]
}

/// How SRS corrects timestamps for viewers.
enum TimeJitter: String, Sendable, CaseIterable {
    /// They begin at zero and never go back.
    case full
    /// They begin at zero.
    case zero
    /// They stay as they came.
    case off
}
