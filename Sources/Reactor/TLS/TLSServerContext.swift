import Synchronization

/// What all connections of a TLS server share; one per port, for all loops.
///
/// Certificates can be exchanged while it serves: connections under way keep what they began with, later ones get the
/// new. Making one and reloading it read files: not on a loop.
package final class TLSServerContext: Sendable {
    private struct Served {
        var configuration: TLSServerConfiguration
        var credentials: TLSServerCredentials
    }

    private let served: Mutex<Served>

    package init(_ configuration: TLSServerConfiguration) throws(TLSConfigurationError) {
        let credentials = try TLSServerCredentials(configuration)
        served = Mutex(Served(configuration: configuration, credentials: credentials))
    }

    /// Reads the same files again. Where anything is wrong with them, all stays as it was.
    package func reload() throws(TLSConfigurationError) {
        try replace(with: served.withLock { $0.configuration })
    }

    /// Serves by another configuration from now on. Where anything is wrong with it, all stays as it was.
    ///
    /// Sessions survive where `ticketKeys` is the same object.
    package func replace(with configuration: TLSServerConfiguration) throws(TLSConfigurationError) {
        let credentials = try TLSServerCredentials(configuration)
        served.withLock { $0 = Served(configuration: configuration, credentials: credentials) }
    }

    /// The certificates in use, the default first.
    package var certificates: [TLSCertificateSummary] { credentials.certificates }

    /// What a new connection begins with.
    var credentials: TLSServerCredentials { served.withLock { $0.credentials } }
}
