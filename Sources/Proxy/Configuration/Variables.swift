import Service

/// Every variable there is. Reading, suggestions, `--help`, the reference and the listing all follow from this table;
/// the defaults are those of `ProxyConfiguration`.
package enum Variables {
    /// What names of ours begin with.
    static let prefix = "PROXY_"

    package static let groups = [
        VariableGroup(title: "Listening", variables: listeners),
        VariableGroup(title: "TLS", variables: tls),
        VariableGroup(title: "Access", variables: access),
        VariableGroup(title: "Pages", variables: pages),
        VariableGroup(title: "Registry", variables: registry),
        VariableGroup(title: "Routing", variables: routing),
        VariableGroup(title: "Default backend", variables: defaultBackend),
        VariableGroup(title: "Shutdown", variables: shutdown),
        VariableGroup(title: "Logging", variables: logging),
        VariableGroup(title: "Limits", variables: limits),
    ]

    package static let all = groups.flatMap(\.variables)

    private static let listeners = [
        Variable(
            "PROXY_RTMP_SERVER", \.listeners.rtmp, .listen,
            "Where publishers and players connect by RTMP.", on: [.tcp]),
        Variable(
            "PROXY_RTMPS_SERVER", \.listeners.rtmps, .optional(.listen, none: "off"),
            "Where they connect by RTMP over TLS; it needs PROXY_TLS_CERTIFICATE and PROXY_TLS_KEY.", on: [.tcp]),
        Variable(
            "PROXY_HTTP_SERVER", \.listeners.http, .listen,
            "Where HTTP streams, HLS and static pages are served.", on: [.tcp]),
        Variable(
            "PROXY_HTTPS_SERVER", \.listeners.https, .optional(.listen, none: "off"),
            "Where the same is served over TLS; it needs PROXY_TLS_CERTIFICATE and PROXY_TLS_KEY.", on: [.tcp]),
        Variable(
            "PROXY_HTTP_API", \.listeners.httpAPI, .listen,
            "Where the HTTP API, WHIP and WHEP are served.", on: [.tcp]),
        Variable(
            "PROXY_WEBRTC_SERVER", \.listeners.webRTC, .listen,
            "Where WebRTC media arrives, over UDP and TCP.", on: [.udp, .tcp], effect: .none),
        Variable(
            "PROXY_SRT_SERVER", \.listeners.srt, .listen,
            "Where SRT callers arrive, over UDP.", on: [.udp], effect: .none),
        Variable(
            "PROXY_SYSTEM_API", \.listeners.systemAPI, .listen,
            "Where origins register and operators look; not for the public.", on: [.tcp]),
    ]

    private static let tls = [
        Variable(
            "PROXY_TLS_CERTIFICATE", \.tls.certificate, .optional(.path),
            "PEM file with the server's certificate, followed by those between it and the root."),
        Variable("PROXY_TLS_KEY", \.tls.key, .optional(.path), "PEM file with the certificate's private key."),
    ]

    private static let access = [
        Variable(
            "PROXY_API_TOKEN", \.access.tokens, .tokens,
            "Bearer tokens of operators, of which the system API and what the HTTP API has for operators then want one; "
                + "versions, health and registration do not."),
        Variable(
            "PROXY_REGISTER_SECRET", \.access.registerSecrets, .tokens,
            "Secrets of origins, of which a heartbeat has to show one: as a bearer token, or in the path behind "
                + "/api/v1/srs/register/, as SRS can."),
        Variable(
            "PROXY_SYSTEM_ALLOW", \.access.systemNetworks, .networks,
            "Networks from which the system API may be connected to, origins and health checks included; others are "
                + "answered with 403."),
    ]

    private static let pages = [
        Variable(
            "PROXY_STATIC_FILES", \.staticFiles, .optional(.path, shown: "built-in pages"),
            "Directory of static pages, looked at for every request: it may come later, or be exchanged.")
    ]

    /// Where a single server is.
    static let redisServer = [
        Variable("PROXY_REDIS_HOST", \.registry.redis.host, .host, "Host of the registry's Redis."),
        Variable("PROXY_REDIS_PORT", \.registry.redis.port, .port, "Its port."),
        Variable(
            "PROXY_REDIS_USER", \.registry.redis.user, .optional(.word(maximumBytes: 256)),
            "The user of its ACL, with PROXY_REDIS_PASSWORD; without one it is the one called default."),
        Variable(
            "PROXY_REDIS_PASSWORD", \.registry.redis.password, .optional(.secret),
            "Its password, also where PROXY_REDIS_URL has none."),
        Variable(
            "PROXY_REDIS_DB", \.registry.redis.database, .count(0...Int(Int32.max)), "Number of its database."),
    ]

    private static let registry =
        [
            Variable(
                "PROXY_LOAD_BALANCER_TYPE", \.registry.store, .oneOf,
                "Where origins and streams are kept: by this process alone, or in Redis for all proxies.")
        ] + redisServer + [
            Variable(
                "PROXY_REDIS_URL", \.registry.redis.url, .optional(.redisURL),
                "The registry's Redis in place of those above, but for a user and a password that it leaves out: a single "
                    + "server, Sentinel or Cluster, with TLS or without."
            ),
            Variable(
                "PROXY_REDIS_PREFIX", \.registry.redis.prefix, .word(maximumBytes: 64, without: ["{", "}"]),
                "What the names of all keys and channels in Redis begin with: proxies with another prefix share nothing."
            ),
            Variable(
                "PROXY_READY_REGISTRY", \.registry.readiness, .oneOf,
                "The worst state of the registry in which /readyz welcomes clients: everything known, not everything read for "
                    + "15 seconds, or Redis away."),
        ]

    private static let routing = [
        Variable(
            "PROXY_ROUTING_POLICY", \.routing.policy, .oneOf,
            "How the origin of a stream that nobody has is chosen: by names, with a bound for the load; the least loaded; "
                + "or the less loaded of two that chance has chosen."),
        Variable(
            "PROXY_ZONE", \.routing.zone, .optional(.word(maximumBytes: 256)),
            "Where the proxy stands: origins that name the same zone get the streams of its publishers, others where "
                + "there are none."),
        Variable(
            "PROXY_SLOW_START", \.routing.slowStart, .duration(.zero ... .seconds(3_600)),
            "How long an origin's share grows when it has come, or come back; `0s` for the whole share at once."),
    ]

    private static let defaultBackend = [
        Variable(
            "PROXY_DEFAULT_BACKEND_ENABLED", \.defaultBackend.isEnabled, .onOff,
            "Whether one fixed origin is registered at the start and kept for ever; proxies that share the registry "
                + "are told of it."),
        Variable("PROXY_DEFAULT_BACKEND_IP", \.defaultBackend.host, .host, "Its host."),
        Variable("PROXY_DEFAULT_BACKEND_RTMP", \.defaultBackend.rtmp, .port, "Its RTMP port."),
        Variable(
            "PROXY_DEFAULT_BACKEND_HTTP", \.defaultBackend.http, .optional(.port, none: "off"),
            "Its port for HTTP streams."),
        Variable(
            "PROXY_DEFAULT_BACKEND_API", \.defaultBackend.api, .optional(.port, none: "off"),
            "Its HTTP API port."),
        Variable(
            "PROXY_DEFAULT_BACKEND_RTC", \.defaultBackend.webRTC, .optional(.port, none: "off"),
            "Its WebRTC port."),
        Variable(
            "PROXY_DEFAULT_BACKEND_SRT", \.defaultBackend.srt, .optional(.port, none: "off"),
            "Its SRT port."),
    ]

    private static let shutdown = [
        Variable(
            "PROXY_GRACE_QUIT_TIMEOUT", \.shutdown.grace, .duration(.zero ... .seconds(86_400)),
            "How long after SIGTERM connections may come to their own end."),
        Variable(
            "PROXY_FORCE_QUIT_TIMEOUT", \.shutdown.force, .duration(.zero ... .seconds(86_400)),
            "How long after SIGTERM the program ends whatever is still open."),
    ]

    private static let logging = [
        Variable(
            "PROXY_LOG_LEVEL", \.logging.filter, .logFilter(ProxyConfiguration.Logging.subsystems),
            "How much is logged."),
        Variable(
            "PROXY_LOG_FORMAT", \.logging.format, .oneOf,
            "How log lines look; auto is text on a terminal and JSON elsewhere."),
    ]

    private static let limits = [
        Variable(
            "PROXY_LOOPS", \.limits.loops, .optional(.count(1...1_024), shown: "one per core"),
            "How many event loops run, each on a thread of its own."),
        Variable(
            "PROXY_MAX_CONNECTIONS", \.limits.maximumConnections, .count(1...10_000_000),
            "How many connections to the RTMP, HTTP and API ports together, with TLS or without, may be open at once, "
                + "in the whole program; one more is answered with 503 over HTTP and closed elsewhere, and where the "
                + "limit of open files is lower, a warning at the start says how many it comes to."),
    ]
}
