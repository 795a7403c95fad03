import CLinux
import Glibc

/// One datagram socket, bound to an address of ours or connected to one peer, confined to its loop.
///
/// It receives in batches through the loop's inbox and sends through its outbox, so that it holds memory of its own
/// only while the kernel takes no output. Receiving and sending are in files of their own. Memory while idle: this
/// object and a slot, together less than 500 bytes.
package final class UDPSocket {
    package let loop: EventLoop
    package let options: UDPOptions

    /// The owner; kept until `close`.
    package private(set) var handler: (any UDPHandler)?

    /// With the port that the system chose where 0 was asked for.
    package let localAddress: SocketAddress
    /// The one peer of a connected socket: only its datagrams are received.
    package let peerAddress: SocketAddress?

    package internal(set) var counters = UDPCounters()
    package private(set) var isOpen = true

    let socket: Socket
    let exchange: DatagramExchange
    /// The kernel may have input that has not been read: an edge was seen and EAGAIN was not.
    var mayRead = false
    private var isInAgainList = false
    /// The handler will hear of a failure at the end of the round.
    private var isFailureToBeTold = false

    /// The kernel takes no output; it waits in `backlog` for an edge.
    var isBlocked = false
    var backlog = DatagramBacklog()
    /// The messages of this socket in the outbox.
    var chain = DatagramArena.Chain()
    /// Size of the largest datagrams that the kernel cuts from a message; 0 where it cuts none. Sinks when it refuses.
    var largestSegment: Int

    private init(
        _ socket: Socket, localAddress: SocketAddress, peerAddress: SocketAddress?, on loop: EventLoop,
        options: UDPOptions, handler: any UDPHandler
    ) {
        self.socket = socket
        self.localAddress = localAddress
        self.peerAddress = peerAddress
        self.loop = loop
        self.options = options
        self.handler = handler
        exchange = loop.datagrams
        largestSegment = options.groupsOutput && exchange.canSegment ? DatagramArena.maximumMessage : 0
    }

    /// Bytes that the kernel holds for us on the way in, as it counts them: twice what was asked for, or less.
    package var receiveBuffer: Int { isOpen ? Int(socket.get(SOL_SOCKET, SO_RCVBUF)) : 0 }

    /// Unsent bytes that are waiting here, with 64 for each message.
    package var pendingOutput: Int { backlog.byteCount }
}

// MARK: - Opening and closing

extension UDPSocket {
    /// Receives from everyone at `address`; port 0 takes a free one. A wildcard IPv6 address takes IPv4 as well.
    package static func bind(
        _ address: SocketAddress, on loop: EventLoop, options: UDPOptions, handler: any UDPHandler
    ) throws(SystemError) -> UDPSocket {
        let socket = try Socket(family: address.isIPv6 ? AF_INET6 : AF_INET, type: SOCK_DGRAM)
        do throws(SystemError) {
            try options.apply(to: socket, boundTo: address)
            try socket.bind(to: address)
            return try adopt(socket, peer: nil, on: loop, options: options, handler: handler)
        } catch {
            socket.close()
            throw error
        }
    }

    /// Exchanges datagrams with one peer, from `local` or from an address and port that the system chooses.
    package static func connect(
        to peer: SocketAddress, from local: SocketAddress? = nil, on loop: EventLoop, options: UDPOptions,
        handler: any UDPHandler
    ) throws(SystemError) -> UDPSocket {
        let socket = try Socket(family: peer.isIPv6 ? AF_INET6 : AF_INET, type: SOCK_DGRAM)
        do throws(SystemError) {
            // The address is the one of the route to the peer: packet info has nothing to add.
            try options.apply(to: socket, boundTo: peer)
            if let local { try socket.bind(to: local) }
            let result = peer.withSystemAddress { Glibc.connect(socket.descriptor, $0, $1) }
            guard result == 0 else { throw SystemError.last("connect") }
            if local != nil { discardInput(of: socket) }
            return try adopt(socket, peer: peer, on: loop, options: options, handler: handler)
        } catch {
            socket.close()
            throw error
        }
    }

    /// Between bind and connect, datagrams of anyone may have come to a port that was known before.
    static func discardInput(of socket: Socket) {
        while recv(socket.descriptor, nil, 0, CInt(MSG_DONTWAIT)) >= 0 {}
    }

    /// Goes on with a non-blocking socket that is bound, and connected where there is a peer. Where that fails, the
    /// caller still closes it.
    static func adopt(
        _ socket: Socket, peer: SocketAddress?, on loop: EventLoop, options: UDPOptions, handler: any UDPHandler
    ) throws(SystemError) -> UDPSocket {
        let local = socket.localAddress ?? SocketAddress(.v4(0), port: 0)
        let adopted = UDPSocket(
            socket, localAddress: local, peerAddress: peer, on: loop, options: options, handler: handler)
        try loop.registerDatagrams(socket.descriptor, adopted)
        return adopted
    }

    /// Sends what this round has queued, as far as the kernel takes it, and closes. The handler is let go untold.
    package func close() {
        guard isOpen else { return }
        if chain.first >= 0 { exchange.outbox.sendAll() }
        isOpen = false
        counters.droppedOutput &+= UInt64(backlog.dropAll())
        loop.deregister(socket.descriptor, closing: true)
        socket.close()
        handler = nil
    }
}

// MARK: - Events

extension UDPSocket: EventSource {
    package func ready(_ readiness: Readiness) {
        if readiness.isEmpty { isInAgainList = false }
        guard isOpen else { return }
        if readiness.contains(.failed) {
            let code = socket.takeError()
            if code != 0 { failedBefore(SystemError("recvmmsg", code)) }
        }
        if !readiness.isDisjoint(with: [.readable, .failed, .hangup]) { mayRead = true }
        if readiness.contains(.writable), isBlocked { resumeOutput() }
        if mayRead { readAvailable() }
    }

    package func loopEnded() { close() }

    /// Asks for another turn in the next round.
    func takeAnotherTurn() {
        guard !isInAgainList else { return }
        isInAgainList = true
        loop.again(self)
    }

    /// An error that was waiting on the socket: an answer to something sent earlier.
    func failedBefore(_ error: SystemError) {
        counters.pendingErrors &+= 1
        tell(error)
    }

    /// Tells the handler at the end of the round; of several failures in one round, the first.
    func tell(_ error: SystemError) {
        guard !isFailureToBeTold else { return }
        isFailureToBeTold = true
        loop.afterRound {
            self.isFailureToBeTold = false
            self.handler?.failed(error, on: self)
        }
    }
}
