extension DirectiveTable {
    static let laterTranscoding = [
        DirectiveRule(
            known: "vhost.transcode", .anything, "",
            "Streams that FFmpeg makes of others; its argument is what they are made of.", .notYet, isRepeatable: true),
        DirectiveRule(
            known: "vhost.transcode.enabled", .value, "off", "Whether they are made.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.ffmpeg", .value, "", "The program.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine", .anything, "", "One process of FFmpeg.", .notYet, isRepeatable: true),
        DirectiveRule(
            known: "vhost.transcode.engine.enabled", .value, "off", "Whether it runs.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.iformat", .value, "flv", "Format of its input.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vcodec", .value, "",
            "Video codec; copy leaves it as it is, vn leaves it out.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vbitrate", .value, "0", "Kilobits per second of video.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vfps", .value, "0", "Frames per second.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vwidth", .value, "0", "Width of the picture.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vheight", .value, "0", "Height of the picture.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vthreads", .value, "1", "Threads of the encoder.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vprofile", .value, "", "Profile of the encoder.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vpreset", .value, "", "Preset of the encoder.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.acodec", .value, "",
            "Audio codec; copy leaves it as it is, an leaves it out.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.abitrate", .value, "0", "Kilobits per second of audio.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.asample_rate", .value, "0", "Sample rate.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.achannels", .value, "0", "Channels.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.oformat", .value, "flv", "Format of its output.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.output", .value, "", "RTMP URL of its output.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.perfile", .anything, "", "Options before the input.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vfilter", .anything, "", "Filters of video.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.vparams", .anything, "", "Further options of video.", .notYet),
        DirectiveRule(
            known: "vhost.transcode.engine.aparams", .anything, "", "Further options of audio.", .notYet),
        DirectiveRule(
            known: "vhost.ingest", .anything, "", "A stream that FFmpeg fetches; its argument is a name for it.",
            .notYet, isRepeatable: true),
        DirectiveRule(
            known: "vhost.ingest.enabled", .value, "off", "Whether it is fetched.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.input", .block, "", "Where from.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.input.type", .value, "file", "What that is: file or stream.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.input.url", .value, "", "Its path or URL.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.ffmpeg", .value, "", "The program.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine", .anything, "", "One process of FFmpeg.", .notYet, isRepeatable: true),
        DirectiveRule(
            known: "vhost.ingest.engine.enabled", .value, "off", "Whether it runs.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.iformat", .value, "flv", "Format of its input.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vcodec", .value, "", "Video codec; copy leaves it as it is, vn leaves it out.",
            .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vbitrate", .value, "0", "Kilobits per second of video.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vfps", .value, "0", "Frames per second.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vwidth", .value, "0", "Width of the picture.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vheight", .value, "0", "Height of the picture.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vthreads", .value, "1", "Threads of the encoder.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vprofile", .value, "", "Profile of the encoder.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vpreset", .value, "", "Preset of the encoder.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.acodec", .value, "", "Audio codec; copy leaves it as it is, an leaves it out.",
            .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.abitrate", .value, "0", "Kilobits per second of audio.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.asample_rate", .value, "0", "Sample rate.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.achannels", .value, "0", "Channels.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.oformat", .value, "flv", "Format of its output.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.output", .value, "", "RTMP URL of its output.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.perfile", .anything, "", "Options before the input.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vfilter", .anything, "", "Filters of video.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.vparams", .anything, "", "Further options of video.", .notYet),
        DirectiveRule(
            known: "vhost.ingest.engine.aparams", .anything, "", "Further options of audio.", .notYet),
        DirectiveRule(
            known: "vhost.exec", .block, "", "Commands that are run for streams.", .notYet),
        DirectiveRule(
            known: "vhost.exec.enabled", .value, "off", "Whether they are run.", .notYet),
        DirectiveRule(
            known: "vhost.exec.publish", .values, "", "A command for a stream that is published.", .notYet,
            isRepeatable: true),
    ]
}
