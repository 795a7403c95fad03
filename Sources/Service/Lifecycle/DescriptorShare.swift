import Reactor
package import Telemetry

/// What the open files that the system allows are used for.
package struct DescriptorShare: Equatable {
    /// What is configured.
    package let wanted: Int
    package let openFiles: Int
    /// Connections of the public: what is wanted, or as many as there are descriptors for. Those that are half open
    /// (`ConnectionPlaces.maximumHalfOpen`) have theirs besides.
    package let clients: Int
    /// Connections of operators, which no crowd of clients keeps out.
    package let operators: Int
    /// Of clients, and of operators, those that are told that there is no place, at once.
    package let spare: Int

    private static let maximumOperators = 1_024

    /// A client of `descriptorsPerClient` 2 may have a file, or a connection to an origin, open besides its own.
    package init(wanted: Int, openFiles: Int, loops: Int, descriptorsPerClient: Int) {
        // What every loop listens and waits on, and what the process reads and writes; generously.
        let own = 32 + 12 * loops
        let rest = max(openFiles - own, 0)
        self.wanted = wanted
        self.openFiles = openFiles
        operators = max(1, min(Self.maximumOperators, rest / 8))
        spare = max(2, min(ConnectionPlaces.usualSpare, rest / 32))
        let shared = rest - operators - 2 * spare
        var clients = max(1, min(wanted, shared * 4 / (descriptorsPerClient * 4 + 1)))
        // A quarter of the places is for those that are half open, until that is as many as there may be.
        let most = (shared - ConnectionPlaces.halfOpen(beside: .max)) / descriptorsPerClient
        clients = max(clients, min(wanted, most))
        self.clients = clients
    }

    /// Tells an operator who cannot have what is configured, in the program's words.
    package func warn(_ log: Logger, _ message: StaticString) {
        guard clients < wanted else { return }
        log.warning(message, ["configured": wanted, "in_force": clients, "open_files": openFiles])
    }
}
