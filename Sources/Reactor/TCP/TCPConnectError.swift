/// Why no connection came about.
package enum TCPConnectError: Error, Equatable, Sendable {
    /// One address, and what became of it; nil where its attempt was still under way.
    package struct Attempt: Equatable, Sendable {
        package let address: SocketAddress
        package let reason: TCPCloseReason?
    }

    /// The name has no addresses.
    case resolution(DNSError)
    /// The list of addresses was empty.
    case noAddress
    /// Every address failed, in the order of the failures.
    case failed([Attempt])
    /// No address was reached within `TCPConnector.Limits.timeout`.
    case timeout([Attempt])
    /// The owner gave up.
    case cancelled
    /// The loop ended.
    case shutDown
}
