package import Media

/// How one virtual host is served.
package struct HostSettings: Sendable, Equatable {
    package var policy = StreamPolicy()
    package var servesFLV = true
    /// From the start of a publish to its first media; without it the publisher has gone.
    package var firstFrameTimeout: Duration = .seconds(20)
    /// From one piece of media to the next.
    package var frameTimeout: Duration = .seconds(5)
    /// How long a publisher may go on without a viewer; nil for as long as it likes.
    package var viewerTimeout: Duration?

    package init() {}
}

/// The virtual hosts that are served.
package struct HostTable: Sendable {
    /// By name; the default one under `StreamKey.defaultVhost`. Those that are switched off are missing.
    private let hosts: [String: HostSettings]
    /// Names that are known and switched off: they are not the default's.
    private let disabled: Set<String>

    package init(_ hosts: [String: HostSettings] = [StreamKey.defaultVhost: HostSettings()], disabled: Set<String> = [])
    {
        self.hosts = hosts
        self.disabled = disabled
    }

    /// All that are configured, by their names.
    var summaries: [HostSummary] {
        let all =
            hosts.keys.map { HostSummary(name: $0, isServed: true) }
            + disabled.map { HostSummary(name: $0, isServed: false) }
        return all.sorted { $0.name < $1.name }
    }

    /// Nil where nobody has configured it.
    func summary(of name: String) -> HostSummary? {
        if hosts[name] != nil { return HostSummary(name: name, isServed: true) }
        return disabled.contains(name) ? HostSummary(name: name, isServed: false) : nil
    }

    /// The stream that `key` means here: a host that nobody has configured is the default one, as with SRS. Nil where
    /// that is not served either.
    package func resolve(_ key: StreamKey) -> (key: StreamKey, settings: HostSettings)? {
        if let settings = hosts[key.vhost] { return (key, settings) }
        guard !disabled.contains(key.vhost), let settings = hosts[StreamKey.defaultVhost] else { return nil }
        return (key.onDefaultVhost, settings)
    }
}
