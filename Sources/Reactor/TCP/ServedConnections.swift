/// A connection that a server answers for: it counts, it is told when the server goes away, and `drain` waits for it.
package protocol ServedConnection: AnyObject {
    /// Where it stands among its server's `ServedConnections`, which alone write it.
    var position: Int { get set }

    /// The server goes away: end as soon as the protocol allows.
    func shutDown()

    /// Break off now.
    func abort()
}

/// What a server of one loop accepts on and what it has accepted, up to the end of the last of it.
///
/// How many there may be is the server's business (`ConnectionPlaces`). A server without TCP adds its sessions and has
/// no listeners here. The order of the connections changes when one goes.
package final class ServedConnections {
    private let loop: EventLoop
    private var listeners: [TCPListener] = []
    private var connections: [any ServedConnection] = []
    private var whenEmpty: (() -> Void)?
    package private(set) var isDraining = false

    package init(on loop: EventLoop) { self.loop = loop }

    /// Listens on `address` until the drain, with TLS where a context is given, and returns the address that is bound.
    package func listen(
        on address: SocketAddress, options: TCPOptions, tls: TLSServerContext?, acceptor: any TCPAcceptor
    ) throws(SystemError) -> SocketAddress {
        let listener = try TCPListener(address, on: loop, options: options, tls: tls, acceptor: acceptor)
        listeners.append(listener)
        return listener.address
    }

    package func add(_ connection: any ServedConnection) {
        connection.position = connections.count
        connections.append(connection)
    }

    /// Each connection that was added goes once. The last one of a drain ends it, within the call.
    package func remove(_ connection: any ServedConnection) {
        let last = connections.removeLast()
        if last !== connection {
            connections[connection.position] = last
            last.position = connection.position
        }
        if connections.isEmpty { tellWhenEmpty() }
    }

    /// Stops accepting and asks every connection to end; `done` runs when the last is gone, never inside of this call.
    /// A second call only replaces `done`.
    package func drain(_ done: @escaping () -> Void) {
        if !isDraining {
            isDraining = true
            for connection in connections { connection.shutDown() }
            for listener in listeners { listener.close() }
            listeners = []
        }
        // Only now: a listener that closes may have added what the kernel had accepted.
        whenEmpty = done
        if connections.isEmpty { loop.afterRound { self.tellWhenEmpty() } }
    }

    /// Breaks off every connection that is left.
    package func abortAll() {
        for connection in connections { connection.abort() }
    }

    private func tellWhenEmpty() {
        guard connections.isEmpty, let done = whenEmpty else { return }
        whenEmpty = nil
        done()
    }
}

extension ServedConnections: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { connections.count }

    package subscript(position: Int) -> any ServedConnection { connections[position] }
}
