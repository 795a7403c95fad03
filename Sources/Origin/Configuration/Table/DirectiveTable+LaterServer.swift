extension DirectiveTable {
    static let laterServer = [
        DirectiveRule(
            known: "ff_log_dir", .value, "./objs", "Directory of the logs of FFmpeg processes.", .notYet),
        DirectiveRule(
            known: "ff_log_level", .value, "info", "How much FFmpeg processes log.", .notYet),
        DirectiveRule(
            known: "utc_time", .value, "off", "Whether names of files and log lines have UTC.", .notYet),
        DirectiveRule(
            known: "asprocess", .value, "off", "Whether the program ends when its parent does.", .notYet),
        DirectiveRule(
            known: "inotify_auto_reload", .value, "off", "Whether a changed file is read again at once.", .notYet),
        DirectiveRule(
            known: "stats.enabled", .value, "on", "Whether the machine is measured at all.", .notYet),
        DirectiveRule(
            known: "stats.disk", .values, "", "Disks whose load is measured.", .notYet),
        DirectiveRule(
            known: "circuit_breaker", .block, "", "What is left out when the processor is too busy.", .notYet),
        DirectiveRule(
            known: "circuit_breaker.enabled", .value, "on", "Whether anything is.", .notYet),
        DirectiveRule(
            known: "circuit_breaker.high_threshold", .value, "90", "Per cent of a processor that count as high.",
            .notYet),
        DirectiveRule(
            known: "circuit_breaker.high_pulse", .value, "2", "Seconds after which high load has an effect.", .notYet),
        DirectiveRule(
            known: "circuit_breaker.critical_threshold", .value, "95",
            "Per cent of a processor that count as critical.", .notYet),
        DirectiveRule(
            known: "circuit_breaker.critical_pulse", .value, "1", "Seconds after which critical load has an effect.",
            .notYet),
        DirectiveRule(
            known: "circuit_breaker.dying_threshold", .value, "99", "Per cent of a processor that count as dying.",
            .notYet),
        DirectiveRule(
            known: "circuit_breaker.dying_pulse", .value, "5", "Seconds after which dying has an effect.", .notYet),
        DirectiveRule(
            known: "http_api.raw_api", .block, "", "Requests that change the server.", .notYet),
        DirectiveRule(
            known: "http_api.raw_api.enabled", .value, "off", "Whether they are taken.", .notYet),
        DirectiveRule(
            known: "http_api.raw_api.allow_reload", .value, "off", "Whether one may read the configuration again.",
            .notYet),
        DirectiveRule(
            known: "http_api.raw_api.allow_query", .value, "off", "Whether one may read the configuration.", .notYet),
        DirectiveRule(
            known: "http_api.raw_api.allow_update", .value, "off", "Whether one may change the configuration.", .notYet),
        DirectiveRule(
            known: "http_api.auth", .block, "", "Who may use the API, by HTTP Basic.", .notYetGuarding),
        DirectiveRule(
            known: "http_api.auth.enabled", .value, "off", "Whether it asks.", .notYet),
        DirectiveRule(
            known: "http_api.auth.username", .value, "", "The name that is right.", .notYet),
        DirectiveRule(
            known: "http_api.auth.password", .value, "", "The password that is right.", .notYet),
        DirectiveRule(
            known: "http_api.https", .block, "", "The API over TLS.", .notYet),
        DirectiveRule(
            known: "http_api.https.enabled", .value, "off", "Whether it is served.", .notYet),
        DirectiveRule(
            known: "http_api.https.listen", .values, "1990", "Where.", .notYet),
        DirectiveRule(
            known: "http_api.https.key", .value, "./conf/server.key", "PEM file with the certificate's private key.",
            .notYet),
        DirectiveRule(
            known: "http_api.https.cert", .value, "./conf/server.crt", "PEM file with the certificate.", .notYet),
        DirectiveRule(
            known: "exporter.label", .value, "", "A label of all metrics.", .notYet),
        DirectiveRule(
            known: "exporter.tag", .value, "", "A second one.", .notYet),
    ]
}
