extension DirectiveTable {
    static let laterAccess = [
        DirectiveRule(
            known: "vhost.security", .block, "", "Who may publish and play, by address.", .notYetGuarding),
        DirectiveRule(
            known: "vhost.security.enabled", .value, "off", "Whether it is looked at.", .notYet),
        DirectiveRule(
            known: "vhost.security.allow", .values, "", "publish or play, and an address, a network or all.", .notYet,
            isRepeatable: true),
        DirectiveRule(
            known: "vhost.security.deny", .values, "", "The same, for those who may not.", .notYet, isRepeatable: true),
        DirectiveRule(
            known: "vhost.refer", .anything, "", "Which pages may play and publish, by what Flash said of them.",
            .notYetGuarding),
        DirectiveRule(
            known: "vhost.refer.enabled", .value, "off", "Whether it is looked at.", .notYet),
        DirectiveRule(
            known: "vhost.refer.all", .values, "", "Sites for both.", .notYet),
        DirectiveRule(
            known: "vhost.refer.publish", .values, "", "Sites for publishing.", .notYet),
        DirectiveRule(
            known: "vhost.refer.play", .values, "", "Sites for playing.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks", .block, "", "Requests that tell another server, which may say no.",
            .notYetGuarding),
        DirectiveRule(
            known: "vhost.http_hooks.enabled", .value, "off", "Whether they are sent.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks.on_connect", .values, "", "URLs that are asked when a client connects.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks.on_close", .values, "", "URLs that are told when it goes.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks.on_publish", .values, "", "URLs that are asked when a client publishes.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks.on_unpublish", .values, "", "URLs that are told when it stops.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks.on_play", .values, "", "URLs that are asked when a client plays.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks.on_stop", .values, "", "URLs that are told when it stops.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks.on_dvr", .values, "", "URLs that are told of a recorded file.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks.on_hls", .values, "", "URLs that are told of an HLS segment.", .notYet),
        DirectiveRule(
            known: "vhost.http_hooks.on_hls_notify", .value, "", "URL that is fetched for every HLS segment.", .notYet),
    ]

    static let laterStreams = [
        DirectiveRule(
            known: "vhost.chunk_size", .value, "60000",
            "Bytes of a chunk to its clients; those of the server's `chunk_size` until then.", .notYet),
        DirectiveRule(
            known: "vhost.in_ack_size", .value, "0",
            "After how many bytes this server acknowledges to clients that do not say when; 0 for never.", .notYet),
        DirectiveRule(
            known: "vhost.out_ack_size", .value, "2500000", "After how many bytes a client must acknowledge.", .notYet),
        DirectiveRule(
            known: "vhost.play.mix_correct", .value, "off", "Whether sound and picture are put into one order of time.",
            .notYet),
        DirectiveRule(
            known: "vhost.play.atc", .value, "off",
            "Whether timestamps are the publisher's own, so that two servers send the same.", .notYet),
        DirectiveRule(
            known: "vhost.play.send_min_interval", .value, "0", "Least time between two frames to one viewer.", .notYet),
        DirectiveRule(
            known: "vhost.http_remux.fast_cache", .value, "0",
            "Seconds of the past that a viewer starts with, besides the last group of pictures.", .notYet),
    ]

    static let laterRelays = [
        DirectiveRule(
            known: "vhost.cluster", .block, "", "Whether this server is an edge of others.", .notYet),
        DirectiveRule(
            known: "vhost.cluster.mode", .value, "local", "local for an origin, remote for an edge.", .notYet),
        DirectiveRule(
            known: "vhost.cluster.origin", .values, "", "Origins of an edge.", .notYet),
        DirectiveRule(
            known: "vhost.cluster.token_traverse", .value, "off", "Whether the origin decides on clients of an edge.",
            .notYet),
        DirectiveRule(
            known: "vhost.cluster.vhost", .value, "[vhost]", "Host that an edge names to its origin.", .notYet),
        DirectiveRule(
            known: "vhost.cluster.debug_srs_upnode", .value, "on", "Whether an edge tells its origin of itself.",
            .notYet),
        DirectiveRule(
            known: "vhost.cluster.origin_cluster", .value, "off", "Whether origins ask each other for streams.", .notYet
        ),
        DirectiveRule(
            known: "vhost.cluster.coworkers", .values, "", "APIs of the other origins.", .notYet),
        DirectiveRule(
            known: "vhost.cluster.protocol", .value, "rtmp", "By what an edge fetches: rtmp, flv or flvs.", .notYet),
        DirectiveRule(
            known: "vhost.cluster.follow_client", .value, "off", "Whether it fetches as its client asked.", .notYet),
        DirectiveRule(
            known: "vhost.forward", .anything, "", "Other servers that get every stream.", .notYet),
        DirectiveRule(
            known: "vhost.forward.enabled", .value, "off", "Whether they do.", .notYet),
        DirectiveRule(
            known: "vhost.forward.destination", .values, "", "Which.", .notYet),
        DirectiveRule(
            known: "vhost.forward.backend", .value, "", "URL that is asked which.", .notYet),
    ]
}
