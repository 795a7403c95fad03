import Telemetry

/// What the open files that the system allows are used for.
struct DescriptorShare: Equatable {
    /// `PROXY_MAX_CONNECTIONS`.
    let wanted: Int
    let openFiles: Int
    /// Connections of the media and the API service: what is wanted, or as many as there are descriptors for.
    let clients: Int
    /// Connections of the system API.
    let operators: Int

    private static let maximumOperators = 1_024

    /// A client of pages from a directory may have a file open besides its connection.
    init(wanted: Int, openFiles: Int, loops: Int, servesFiles: Bool) {
        // What every loop listens and waits on, and what the process reads and writes; generously.
        let own = 32 + 12 * loops
        let rest = max(openFiles - own, 0)
        self.wanted = wanted
        self.openFiles = openFiles
        operators = max(1, min(Self.maximumOperators, rest / 8))
        clients = max(1, min(wanted, (rest - operators) / (servesFiles ? 2 : 1)))
    }

    /// Tells an operator who cannot have what is configured.
    func warn(_ log: Logger) {
        guard clients < wanted else { return }
        log.warning(
            "too few open files for PROXY_MAX_CONNECTIONS, it is lowered",
            ["configured": wanted, "in_force": clients, "open_files": openFiles])
    }
}
