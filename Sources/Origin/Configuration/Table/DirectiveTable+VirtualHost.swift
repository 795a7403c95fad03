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
            host: "vhost.chunk_size", \.chunkSize, .optional(.count(128...65_536), shown: "the server's"),
            "Bytes of a chunk to its clients."),
        DirectiveRule(host: "vhost.tcp_nodelay", \.tcpNoDelay, .onOrOff, "Whether small writes go out at once."),
        DirectiveRule(
            host: "vhost.min_latency", \.minimumLatency, .onOrOff,
            "Whether reads are never merged, and writes wait for no number of frames; the least delay has `mw_latency 0` too."
        ),
        DirectiveRule(
            host: "vhost.in_ack_size", \.incomingAcknowledgement, .count(0...Int(Int32.max)),
            "After how many bytes a client must acknowledge; 0 asks for nothing."),
        DirectiveRule(
            host: "vhost.out_ack_size", \.outgoingAcknowledgement, .count(0...Int(Int32.max)),
            "After how many bytes this server acknowledges; 0 leaves it to the client's wish."),
    ]

    static let play = [
        DirectiveRule(block: "vhost.play", "Towards viewers."),
        DirectiveRule(
            host: "vhost.play.gop_cache", \.play.gopCache, .onOrOff,
            "Whether a viewer starts at once, with the last group of pictures; without it the delay is less."),
        DirectiveRule(
            host: "vhost.play.gop_cache_max_frames", \.play.gopCacheMaximumFrames, .count(0...1_000_000),
            "Frames of that group, beyond which it is dropped; 0 sets no bound besides those on time and bytes."),
        DirectiveRule(
            host: "vhost.play.queue_length", \.play.queueLength, .seconds(.seconds(1) ... .seconds(3_600)),
            "How much of a stream may wait for a slow viewer, who then skips to a key frame."),
        DirectiveRule(
            host: "vhost.play.mw_latency", \.play.mergedWriteLatency, .milliseconds(frameTimes),
            "How long frames are gathered for one write."),
        DirectiveRule(
            host: "vhost.play.mw_msgs", \.play.mergedWriteMessages,
            .optional(.count(0...128), shown: "8, with `min_latency` 0"),
            "How many frames one write waits for."),
        DirectiveRule(
            host: "vhost.play.time_jitter", \.play.timeJitter, .oneOf,
            "How timestamps are corrected: full begins at zero and never goes back, zero begins at zero, off leaves "
                + "them."),
        DirectiveRule(
            host: "vhost.play.mix_correct", \.play.mixCorrect, .onOrOff,
            "Whether sound and picture are put into one order of time."),
        DirectiveRule(
            host: "vhost.play.atc", \.play.absoluteTime, .onOrOff,
            "Whether timestamps are the publisher's own, so that two servers send the same."),
        DirectiveRule(
            host: "vhost.play.send_min_interval", \.play.sendMinimumInterval, .milliseconds(frameTimes),
            "Least time between two frames to one viewer; 0 for none."),
        DirectiveRule(
            host: "vhost.play.reduce_sequence_header", \.play.reduceSequenceHeader, .onOrOff,
            "Whether a codec's configuration that has not changed is sent once only."),
    ]

    static let publish = [
        DirectiveRule(block: "vhost.publish", "From publishers."),
        DirectiveRule(block: "vhost.mr", "Where SRS 2 had `publish.mr` and `publish.mr_latency`."),
        DirectiveRule(
            host: "vhost.publish.mr", \.publish.mergedRead, .onOrOff,
            "Whether reading waits for more, which is less work and more delay."),
        DirectiveRule(
            host: "vhost.publish.mr_latency", \.publish.mergedReadLatency, .milliseconds(frameTimes),
            "How long it waits."),
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
            host: "vhost.http_remux.mount", \.httpRemux.mount, .mount,
            "The path of a stream, where `[vhost]`, `[app]` and `[stream]` stand for its names."),
        DirectiveRule(
            host: "vhost.http_remux.fast_cache", \.httpRemux.fastCache, .seconds(.zero ... .seconds(60)),
            "How much of the past a viewer starts with, besides the last group of pictures."),
        DirectiveRule(
            host: "vhost.http_remux.drop_if_not_match", \.httpRemux.dropIfNotMatching, .onOrOff,
            "Whether frames are left out that the header does not announce."),
        DirectiveRule(
            host: "vhost.http_remux.has_audio", \.httpRemux.hasAudio, .onOrOff,
            "Whether the header announces sound, where it is not guessed."),
        DirectiveRule(
            host: "vhost.http_remux.has_video", \.httpRemux.hasVideo, .onOrOff,
            "Whether the header announces pictures, where it is not guessed."),
        DirectiveRule(
            host: "vhost.http_remux.guess_has_av", \.httpRemux.guessesTracks, .onOrOff,
            "Whether the header announces what the stream has shown so far."),
    ]
}
