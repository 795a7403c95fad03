package import HTTP
package import Reactor

/// How an HTTP client treats servers; one value serves every loop. Counts are per loop, for each loop has a client.
package struct HTTPClientOptions: Sendable {
    /// Bounds of what a server may send. How much body a request accepts is its own business.
    package var limits = ClientMachine.Limits()

    /// Connections to one origin at once, idle ones among them; further requests wait for one.
    package var maximumConnectionsPerOrigin = 64
    /// Connections to one origin that are kept without a request; a further one is closed.
    package var maximumIdlePerOrigin = 16
    /// Connections to all origins; beyond, idle ones give way, and then requests are refused as `overloaded`.
    package var maximumConnections = 4_096
    /// Requests to one origin that wait for a connection; a further one is refused as `overloaded`.
    package var maximumWaitingPerOrigin = 256

    /// How long a request waits for a connection to become free.
    package var waitTimeout: Duration = .seconds(5)
    /// From the start of a connect, the lookup of the name included, to the end of the TLS handshake.
    package var connectTimeout: Duration = .seconds(5)
    /// From the last byte of the request to the last byte of the answer's head, however it trickles.
    package var headTimeout: Duration = .seconds(15)
    /// For `100 Continue`; then the body is sent without it (RFC 9110 §10.1.1).
    package var continueTimeout: Duration = .seconds(1)
    /// Between two pieces of an answer's body, the time that the caller holds it back not counted.
    package var bodyTimeout: Duration = .seconds(30)
    /// With part of a request waiting and the server taking none of it.
    package var writeTimeout: Duration = .seconds(30)
    /// How long a connection without a request is kept: less than servers keep theirs.
    package var idleLifetime: Duration = .seconds(50)

    /// Bytes of body that `fetch` collects where the request does not say.
    package var maximumCollectedBody = 1024 * 1024
    /// Bytes of a redirect's own body that are read to keep its connection; beyond, it is closed.
    package var maximumDiscardedBody = 64 * 1024
    /// A request body of at most this size is sent along with its head, copied; a larger one by reference.
    package var maximumCopiedBody = 4 * 1024

    /// Speaks TLS to `https` origins, unless a request brings its own. Nil: such requests are refused.
    package var tls: TLSClientContext?

    package var tcp = TCPOptions.Limits()

    package init() {}

    var connectLimits: TCPConnector.Limits {
        var limits = TCPConnector.Limits()
        limits.timeout = connectTimeout
        return limits
    }

    /// The socket's side. Idle connections are the HTTP client's own business.
    var socketOptions: TCPOptions {
        var timeouts = TCPOptions.Timeouts()
        timeouts.handshake = connectTimeout
        timeouts.idle = nil
        timeouts.write = writeTimeout
        return TCPOptions(limits: tcp, timeouts: timeouts)
    }
}
