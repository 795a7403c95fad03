import Service

extension ConfigurationWarning {
    /// A variable that two lines of a file set; the later one holds.
    static func repeatedInFile(_ name: String, path: String, line: Int) -> ConfigurationWarning {
        ConfigurationWarning("\(name) is set again at \(path):\(line), which holds")
    }

    static func forceBeforeGrace(force: Duration, grace: Duration) -> ConfigurationWarning {
        ConfigurationWarning(
            "PROXY_FORCE_QUIT_TIMEOUT (\(DurationText.text(force))) ends what PROXY_GRACE_QUIT_TIMEOUT "
                + "(\(DurationText.text(grace))) would let live")
    }

    /// Certificate and key without a listener that would use them.
    static var unusedCertificate: ConfigurationWarning {
        ConfigurationWarning(
            "PROXY_TLS_CERTIFICATE and PROXY_TLS_KEY are not used without PROXY_RTMPS_SERVER or PROXY_HTTPS_SERVER")
    }

    /// What the URL says already.
    static func besideURL(_ names: [String]) -> ConfigurationWarning {
        ConfigurationWarning("PROXY_REDIS_URL is used in place of \(names.joined(separator: ", "))")
    }

    static var unusedRedisURL: ConfigurationWarning {
        ConfigurationWarning("PROXY_REDIS_URL is not used without PROXY_LOAD_BALANCER_TYPE=redis")
    }

    /// An origin that leads back to this proxy.
    static func ownBackend(_ name: String, _ host: String, _ port: UInt16, _ listener: String) -> ConfigurationWarning {
        ConfigurationWarning(
            "\(name): port \(port) of \(host) is \(listener) of this proxy itself, which passes nothing on to itself")
    }

    /// An address that is shared, and leads elsewhere from each machine.
    static func localBackend(_ host: String) -> ConfigurationWarning {
        ConfigurationWarning(
            "PROXY_DEFAULT_BACKEND_IP: \(host) is each machine itself to the proxies that share the registry; set an address "
                + "that leads all of them to the same server, unless they run on one machine")
    }

    /// Settings by which each of several proxies has its own idea of where a stream goes.
    static func unsharedRouting(_ names: [String]) -> ConfigurationWarning {
        ConfigurationWarning(
            "\(names.joined(separator: " and ")): several proxies that share no registry would each take another origin for "
                + "the same stream, and viewers miss its publisher; set PROXY_LOAD_BALANCER_TYPE=redis unless this is the "
                + "only one")
    }
}
