import HTTP
import Reactor

/// The connections to one origin, and the requests that wait for one.
///
/// Requests wait only while as many connections are open as may be, so none is idle then; the first to come is the
/// first served.
final class OriginPool {
    /// Connections with different TLS contexts are never taken for each other: they trust different servers.
    struct Key: Hashable {
        let origin: HTTPOrigin
        let tls: ObjectIdentifier?
    }

    let key: Key
    let tls: TLSClientContext?
    let client: HTTPClient

    /// The one that was used last is the last.
    private(set) var idle: [HTTPClientConnection] = []
    private(set) var waiting: [HTTPClientExchange] = []
    private var all: [ObjectIdentifier: HTTPClientConnection] = [:]

    init(_ key: Key, tls: TLSClientContext?, of client: HTTPClient) {
        self.key = key
        self.tls = tls
        self.client = client
    }

    /// A client that expects the origin's certificate, or none.
    var security: TCPSecurityRole {
        guard let tls else { return .none }
        return .client(tls, serverName: key.origin.host)
    }

    // MARK: - Requests

    func submit(_ exchange: HTTPClientExchange) {
        while let connection = idle.popLast() {
            // One that was lost in this very round is told at its end; it leaves by itself.
            guard connection.isUsable else { continue }
            return connection.start(exchange)
        }
        if all.count < client.options.maximumConnectionsPerOrigin, client.makeRoom() { return open(for: exchange) }
        guard !all.isEmpty, waiting.count < client.options.maximumWaitingPerOrigin else {
            refuse(exchange)
            return forgetIfEmpty()
        }
        waiting.append(exchange)
        exchange.waits(in: self)
    }

    /// The caller has given up, or has waited for too long.
    func withdraw(_ exchange: HTTPClientExchange) { waiting.removeAll { $0 === exchange } }

    private func refuse(_ exchange: HTTPClientExchange) {
        client.counters.requestsRefused &+= 1
        exchange.fail(.overloaded)
    }

    private func open(for exchange: HTTPClientExchange) {
        let connection = HTTPClientConnection(in: self)
        all[ObjectIdentifier(connection)] = connection
        client.connectionOpened()
        connection.open(for: exchange)
    }

    // MARK: - Connections

    /// A connection has served its request and is good for another.
    func release(_ connection: HTTPClientConnection) {
        if !waiting.isEmpty { return connection.start(waiting.removeFirst()) }
        guard idle.count < client.options.maximumIdlePerOrigin else { return connection.retire() }
        idle.append(connection)
        connection.becameIdle()
    }

    /// A connection is gone, or nobody's any more. `again` is the request that shall have its place.
    func remove(_ connection: HTTPClientConnection, again: HTTPClientExchange? = nil) {
        guard all.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        idle.removeAll { $0 === connection }
        client.connectionGone()
        if let again {
            waiting.insert(again, at: 0)
            again.waits(in: self)
        }
        while !waiting.isEmpty, all.count < client.options.maximumConnectionsPerOrigin, client.makeRoom() {
            open(for: waiting.removeFirst())
        }
        // Other origins have all the connections there may be: nothing here would ever serve these.
        while all.isEmpty, !waiting.isEmpty { refuse(waiting.removeFirst()) }
        forgetIfEmpty()
    }

    func retireOldestIdle() -> Bool {
        guard let oldest = idle.first else { return false }
        oldest.retire()
        return true
    }

    func closeIdle() { for connection in idle { connection.retire() } }

    func shutDown() {
        let abandoned = waiting
        waiting = []
        for exchange in abandoned { exchange.cancel() }
        for connection in all.values { connection.shutDown() }
    }

    private func forgetIfEmpty() {
        if all.isEmpty, waiting.isEmpty { client.forget(self) }
    }
}
