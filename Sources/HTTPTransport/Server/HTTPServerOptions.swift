package import HTTP
package import Reactor

/// How an HTTP server treats its clients; one value serves every loop.
package struct HTTPServerOptions: Sendable {
    /// Bounds of one connection's heads and bodies.
    package var limits = ServerMachine.Limits()

    /// Connections at once, over all servers with the same value; a further one is answered with 503 and closed.
    package var places = ConnectionPlaces(maximum: 50_000)

    /// Who may connect; everybody where it is empty. Others are answered with 403, whatever they have to say, and
    /// closed.
    package var networks: [NetworkPrefix] = []

    /// Requests of one connection that are answered before the others on its loop get their turn: a client may have
    /// sent thousands ahead.
    package var requestsPerTurn = 32

    /// Until the first byte of the next request.
    package var keepAliveTimeout: Duration = .seconds(75)
    /// The same for a connection that is accepted while the server drains.
    package var lastRequestTimeout: Duration = .seconds(1)
    /// From the first byte of a head to its last, however the bytes trickle.
    package var headTimeout: Duration = .seconds(10)
    /// For each `minimumProgress` of a body.
    package var bodyTimeout: Duration = .seconds(30)

    /// A response body of at most this size is sent along with its head, copied; a larger one is sent by reference.
    package var maximumCopiedBody = 4 * 1024

    /// Texts of these sizes are compressed for clients that accept it. Smaller ones do not get smaller by much, larger
    /// ones would hold up the loop, for about 10 ms per MiB.
    package var compressedSizes = 512...(256 * 1_024)

    /// What `Server` says; nothing where it is empty.
    package var serverName: StaticString = "Sluice"

    package var tcp: TCPOptions.Limits = TCPOptions.Limits()
    /// For each `minimumProgress` of output that waits for the client to take it.
    package var writeTimeout: Duration = .seconds(30)
    /// Bytes that a client has to send of a body in each body timeout, or take of an answer in each write timeout; one
    /// that drips is not kept.
    package var minimumProgress = 8 * 1024

    package init() {}

    /// The socket's side. Idle connections are the HTTP server's own business.
    var socketOptions: TCPOptions {
        var timeouts = TCPOptions.Timeouts()
        timeouts.idle = nil
        timeouts.write = writeTimeout
        var limits = tcp
        limits.minimumProgress = minimumProgress
        return TCPOptions(limits: limits, timeouts: timeouts)
    }
}
