import Service

extension DirectiveTable {
    static let httpServer = [
        DirectiveRule(block: "http_server", "HTTP for viewers: streams and pages."),
        DirectiveRule("http_server.enabled", \.httpServer.isEnabled, .onOrOff, "Whether it is served."),
        DirectiveRule("http_server.listen", \.httpServer.listener, .listen, "Where."),
        DirectiveRule(
            "http_server.dir", \.httpServer.directory, .path, "Directory of static pages; it need not be there."),
        DirectiveRule(
            "http_server.crossdomain", \.httpServer.allowsOtherSites, .onOrOff,
            "Whether pages of other sites may read what is answered (CORS)."),
        DirectiveRule(block: "http_server.https", "The same over TLS; it needs `http_server.enabled`."),
        DirectiveRule("http_server.https.enabled", \.httpServer.https.isEnabled, .onOrOff, "Whether it is served."),
        DirectiveRule("http_server.https.listen", \.httpServer.https.listener, .listen, "Where."),
        DirectiveRule(
            "http_server.https.key", \.httpServer.https.certificate.key, .path,
            "PEM file with the certificate's private key."),
        DirectiveRule(
            "http_server.https.cert", \.httpServer.https.certificate.certificate, .path,
            "PEM file with the certificate, followed by those between it and the root."),
    ]

    static let httpAPI = [
        DirectiveRule(block: "http_api", "The HTTP API."),
        DirectiveRule("http_api.enabled", \.httpAPI.isEnabled, .onOrOff, "Whether it is served."),
        DirectiveRule(
            "http_api.listen", \.httpAPI.listener, .listen,
            "Where; it may be the same as `http_server.listen`, which then answers for both."),
        DirectiveRule(
            "http_api.crossdomain", \.httpAPI.allowsOtherSites, .onOrOff,
            "Whether pages of other sites may read what is answered (CORS)."),
        DirectiveRule(block: "exporter", "Metrics for Prometheus, on a port of their own."),
        DirectiveRule("exporter.enabled", \.exporter.isEnabled, .onOrOff, "Whether they are served."),
        DirectiveRule("exporter.listen", \.exporter.listener, .listen, "Where."),
    ]
}
