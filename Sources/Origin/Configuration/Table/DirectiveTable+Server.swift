import Service

extension DirectiveTable {
    private static let waits = Duration.zero ... .seconds(86_400)

    static let server = [
        DirectiveRule(
            list: "listen", \.rtmp.listeners, .listen,
            "Where publishers and players connect by RTMP; a file must have it, unless its variable is set."),
        DirectiveRule(
            block: "rtmp",
            "Where SRS 7 has `listen` and `chunk_size`; both places, and `SRS_RTMP_LISTEN` and `SRS_RTMP_CHUNK_SIZE`, count."
        ),
        DirectiveRule(
            "chunk_size", \.rtmp.chunkSize, .count(128...65_536), "Bytes of a chunk to clients, once they know of it."),
        DirectiveRule(block: "rtmps", "RTMP over TLS."),
        DirectiveRule("rtmps.enabled", \.rtmps.isEnabled, .onOrOff, "Whether it is served."),
        DirectiveRule(list: "rtmps.listen", \.rtmps.listeners, .listen, "Where."),
        DirectiveRule("rtmps.key", \.rtmps.certificate.key, .path, "PEM file with the certificate's private key."),
        DirectiveRule(
            "rtmps.cert", \.rtmps.certificate.certificate, .path,
            "PEM file with the certificate, followed by those between it and the root."),
        DirectiveRule(
            "max_connections", \.maximumConnections, .count(1...10_000_000),
            "How many connections of clients may be open at once."),
        DirectiveRule(
            "loops", \.process.loops, .optional(.count(1...1_024), shown: "one per processor"),
            "Threads that serve connections; a directive of this program, for SRS has one thread."),
        DirectiveRule(
            "work_dir", \.process.workDirectory, .path,
            "Where the program goes once the configuration is read; other relative paths begin there."),
        DirectiveRule(
            "pid", \.process.pidFile, .optional(.path),
            "Where the process id is written; SRS writes ./objs/srs.pid where it is not given, this program no file."),
        DirectiveRule(
            "server_id", \.process.serverID, .optional(.name, shown: "made of the host's name"),
            "What this server is called in the API and in heartbeats: the same over restarts, another for each on one machine."
        ),
        DirectiveRule(
            remarked: "daemon", .onOrOff, standard: .text("off"),
            "Whether the program goes to the background, which this one leaves to who starts it.",
            remark: { $0 ? "the program stays in the foreground" : nil }),
        DirectiveRule(
            remarked: "srs_log_tank", ValueKind<LogTank>.oneOf, standard: .text("console"),
            "Where logs go: this program writes them to the standard error output alone.",
            remark: { $0 == .file ? "logs go to the standard error output, not to a file" : nil }),
        DirectiveRule(
            "srs_log_level", \.logging.level, .srsLevel,
            "How much is logged: trace is the program's own life, info and verbose have a line for every session."),
        DirectiveRule(
            "srs_log_level_v2", \.logging.levelOfVersion2, .optional(.srsLevelOfVersion2),
            "The same with the names of SRS 6, where info is the program's own life; it goes before the other."),
        DirectiveRule(
            remarked: "srs_log_file", .path, standard: .words("none"),
            "The file that logs go to, which this program has not.",
            remark: { _ in "logs go to the standard error output, not to a file" }),
        DirectiveRule(
            "grace_start_wait", \.shutdown.startWait, .milliseconds(waits),
            "How long new clients are still welcome after SIGQUIT, while proxies hear that this server leaves."),
        DirectiveRule(
            "grace_final_wait", \.shutdown.finalWait, .milliseconds(waits),
            "How long the process waits at the end that SIGQUIT began, when all connections have gone."),
        DirectiveRule(
            "force_grace_quit", \.shutdown.isAlwaysGraceful, .onOrOff,
            "Whether SIGTERM is as gentle as SIGQUIT; otherwise it gives connections 20 s, and then breaks them off."),
        DirectiveRule(block: "stats", "What is measured of the machine."),
        DirectiveRule(
            "stats.network", \.process.networkIndex, .count(0...1_023),
            "Which of the machine's addresses a heartbeat tells, counted from 0."),
    ]

    static let heartbeat = [
        DirectiveRule(block: "heartbeat", "What proxies are told, so that they send streams here."),
        DirectiveRule("heartbeat.enabled", \.heartbeat.isEnabled, .onOrOff, "Whether heartbeats are sent."),
        DirectiveRule(
            "heartbeat.interval", \.heartbeat.interval, .seconds(.milliseconds(300) ... .seconds(300)),
            "Time from one to the next; SRS leaves out what is behind the point."),
        DirectiveRule(
            list: "heartbeat.url", \.heartbeat.urls, .url,
            "Where they are sent: any number of places, of which each is told everything, where SRS has one."),
        DirectiveRule("heartbeat.device_id", \.heartbeat.deviceID, .name, "What this machine is called in them."),
        DirectiveRule(
            "heartbeat.weight", \.heartbeat.weight, .count(1...10_000),
            "The share of new streams that it shall have, beside the weights of other origins."),
        DirectiveRule(
            "heartbeat.zone", \.heartbeat.zone, .word(maximumBytes: 256),
            "Where this machine stands: proxies of the same PROXY_ZONE send their publishers here first."),
        DirectiveRule(
            list: "heartbeat.labels", \.heartbeat.labels, .label, atMost: OriginConfiguration.Heartbeat.maximumLabels,
            "What proxies show of it in their lists of origins."),
        DirectiveRule(
            "heartbeat.secret", \.heartbeat.secret, .optional(.bearer),
            "What each place is shown as a bearer token, where it wants one: PROXY_REGISTER_SECRET of our proxy."),
        DirectiveRule("heartbeat.summaries", \.heartbeat.withSummaries, .onOrOff, "Whether they tell of load."),
        DirectiveRule(
            "heartbeat.ports", \.heartbeat.withPorts, .onOrOff,
            "Whether they tell the ports; a proxy that sends streams here needs them."),
    ]
}

/// Where SRS's logs may go.
enum LogTank: String, Sendable, CaseIterable {
    case console
    case file
}
