import Bytes
import HTTP
package import Reactor

/// The HTTP client of one loop: its pools of connections, one for each origin, and what those lend each other.
///
/// Every loop has its own; nothing is shared between loops but immutable values. A request takes the connection that
/// was used last, opens one, or waits for one, in that order. Nothing is kept for an origin without connections and
/// requests.
package final class HTTPClient {
    package let loop: EventLoop
    package let options: HTTPClientOptions
    let tcpOptions: TCPOptions
    let resolver: Resolver

    /// Lent to the connection that is being read from.
    var head = ResponseHead()
    /// Lent to the same, for the pieces of a body; empty in between.
    var pieces: [Range<Int>] = []
    /// Lent to whoever puts a request together.
    private var spareOutput: ByteWriter? = ByteWriter(capacity: 4 * 1024)

    package internal(set) var counters = HTTPClientCounters()
    private var pools: [OriginPool.Key: OriginPool] = [:]
    private var connectionCount = 0
    private(set) var isShutDown = false

    package init(
        on loop: EventLoop, resolver: Resolver, options: HTTPClientOptions = HTTPClientOptions()
    ) {
        self.loop = loop
        self.resolver = resolver
        self.options = options
        tcpOptions = options.socketOptions
    }

    /// Sends `request`. `handler` is kept until its last call, and hears nothing from inside this one.
    @discardableResult
    package func send(_ request: HTTPClientRequest, to handler: any HTTPResponseHandler) -> HTTPClientExchange {
        counters.requests &+= 1
        let exchange = HTTPClientExchange(request, of: self, to: handler)
        submit(exchange)
        return exchange
    }

    /// Fails every request with `cancelled`, closes every connection, and refuses requests from now on.
    package func shutDown() {
        isShutDown = true
        for pool in pools.values { pool.shutDown() }
    }

    /// Connections without a request are closed, for example because the addresses behind names have changed.
    package func closeIdle() {
        for pool in pools.values { pool.closeIdle() }
    }

    /// What the pools hold now.
    package var state: HTTPClientState {
        var state = HTTPClientState(origins: pools.count, connections: connectionCount)
        for pool in pools.values {
            state.idle += pool.idle.count
            state.waiting += pool.waiting.count
        }
        return state
    }
}

// MARK: - Pools

extension HTTPClient {
    /// Finds a connection for a request: for a new one, and after each redirect.
    func submit(_ exchange: HTTPClientExchange) {
        guard !isShutDown else { return exchange.fail(.cancelled) }
        let request = exchange.request
        if let fault = request.fault { return exchange.fail(.invalidRequest(fault)) }
        var tls: TLSClientContext?
        if request.url.origin.scheme == .https {
            tls = request.tls ?? options.tls
            if tls == nil { return exchange.fail(.invalidRequest(.noTLS)) }
        }
        let key = OriginPool.Key(origin: request.url.origin, tls: tls.map { ObjectIdentifier($0) })
        let pool = pools[key] ?? OriginPool(key, tls: tls, of: self)
        pools[key] = pool
        pool.submit(exchange)
    }

    /// Makes sure that one more connection may be opened; an idle one of another origin gives way where it must.
    func makeRoom() -> Bool {
        guard connectionCount >= options.maximumConnections else { return true }
        for pool in pools.values where pool.retireOldestIdle() { return true }
        return false
    }

    func connectionOpened() { connectionCount += 1 }

    func connectionGone() { connectionCount -= 1 }

    func forget(_ pool: OriginPool) { pools[pool.key] = nil }

    /// Lends memory to put a request together in.
    func withOutput<Failure: Error>(_ body: (inout ByteWriter) throws(Failure) -> Void) throws(Failure) {
        // Taken out for the call: a request that is sent from inside another's call gets memory of its own.
        var output = spareOutput.take() ?? ByteWriter(capacity: 1_024)
        do throws(Failure) {
            try body(&output)
        } catch {
            keep(output)
            throw error
        }
        keep(output)
    }

    private func keep(_ output: consuming ByteWriter) {
        output.removeAll()
        spareOutput = consume output
    }
}

// MARK: - Numbers

/// What a client has done since it was made.
package struct HTTPClientCounters: Sendable, Equatable {
    package internal(set) var requests: UInt64 = 0
    package internal(set) var connectionsOpened: UInt64 = 0
    package internal(set) var connectsFailed: UInt64 = 0
    /// Requests that went out on a connection that had served another.
    package internal(set) var connectionsReused: UInt64 = 0
    /// Requests sent again because the server had just closed the connection.
    package internal(set) var requestsRetried: UInt64 = 0
    package internal(set) var redirectsFollowed: UInt64 = 0
    /// Idle connections that the server closed, or spoke on.
    package internal(set) var idleLost: UInt64 = 0
    /// Idle connections that were closed after `idleLifetime`.
    package internal(set) var idleExpired: UInt64 = 0
    /// Requests refused as `overloaded`.
    package internal(set) var requestsRefused: UInt64 = 0
}

/// What a client holds now.
package struct HTTPClientState: Sendable, Equatable {
    package internal(set) var origins: Int
    /// Connections being opened, busy and idle.
    package internal(set) var connections: Int
    package internal(set) var idle = 0
    package internal(set) var waiting = 0

    package init(origins: Int, connections: Int) {
        self.origins = origins
        self.connections = connections
    }
}
