import CLinux
import Glibc
import Synchronization
import Telemetry

/// Decides what becomes of an accepted connection.
package protocol TCPAcceptor: AnyObject {
    /// The handler of a new connection, or nil to drop it.
    func accepted(_ connection: TCPConnection, from peer: SocketAddress) -> (any TCPHandler)?
}

/// Accepts connections on one loop.
///
/// Each loop has a listener of its own on the same address (`SO_REUSEPORT`), so that a connection lives where it was
/// accepted. Out of descriptors, it spends a reserved one to take the waiting connections and reset them, rather than
/// leave them hanging or spin; they are counted.
package final class TCPListener {
    package struct Limits: Sendable {
        /// Connections waiting in the kernel.
        package var backlog = 4_096
        /// Connections accepted before others on the loop get their turn.
        package var acceptsPerTurn = 64

        package init() {}
    }

    package let address: SocketAddress
    private let loop: EventLoop
    private let socket: Socket
    private let options: TCPOptions
    private let tls: TLSServerContext?
    private let limits: Limits
    private var acceptor: (any TCPAcceptor)?
    private var reserve: CInt
    private var exhaustion = RepeatGate()
    private var retry: TimerID?
    private var isOpen = true

    /// Listens on `address`; port 0 takes a free one, which `address` then shows. A wildcard IPv6 address takes IPv4
    /// connections as well.
    package init(
        _ address: SocketAddress, on loop: EventLoop, options: TCPOptions, tls: TLSServerContext? = nil,
        limits: Limits = Limits(), acceptor: any TCPAcceptor
    ) throws(SystemError) {
        self.loop = loop
        self.options = options
        self.tls = tls
        self.limits = limits
        self.acceptor = acceptor
        socket = try Socket(family: address.isIPv6 ? AF_INET6 : AF_INET, type: SOCK_STREAM)
        reserve = Self.openReserve()
        // Without one it could not refuse anybody.
        guard reserve >= 0 else {
            let error = SystemError.last("open")
            socket.close()
            throw error
        }
        do throws(SystemError) {
            try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
            try socket.set(SOL_SOCKET, SO_REUSEPORT, 1)
            if address.isIPv6 { try socket.set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, address.isWildcard ? 0 : 1) }
            try options.apply(to: socket)
            try socket.bind(to: address)
            guard listen(socket.descriptor, CInt(clamping: limits.backlog)) == 0 else {
                throw SystemError.last("listen")
            }
            self.address = socket.localAddress ?? address
            try loop.register(socket.descriptor, self)
        } catch {
            socket.close()
            Glibc.close(reserve)
            throw error
        }
    }

    /// Takes what the kernel has already accepted for us, then stops listening.
    package func close() {
        guard isOpen else { return }
        acceptWaiting(atMost: limits.backlog)
        release()
    }

    private func release() {
        isOpen = false
        if let retry { loop.cancel(retry) }
        retry = nil
        loop.deregister(socket.descriptor, closing: true)
        socket.closeListening()
        if reserve >= 0 {
            Glibc.close(reserve)
        } else {
            Self.missingReserves.subtract(1, ordering: .sequentiallyConsistent)
        }
        acceptor = nil
    }

    /// Listeners, of all loops, whose reserved descriptor is in use or lost: descriptors are the whole process's.
    private static let missingReserves = Atomic<Int>(0)

    private static func openReserve() -> CInt { open("/dev/null", O_RDONLY | O_CLOEXEC) }
}

extension TCPListener: EventSource, TimerTarget {
    package func ready(_ readiness: Readiness) {
        guard isOpen else { return }
        acceptWaiting(atMost: limits.acceptsPerTurn)
    }

    package func timerFired(_ token: UInt32) {
        retry = nil
        if !regainReserve() { retryLater() }
        ready([])
    }

    package func loopEnded() { release() }

    private func acceptWaiting(atMost budget: Int) {
        for _ in 0..<budget {
            var storage = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let descriptor = withUnsafeMutableBytes(of: &storage) { bytes in
                // Safe: `sockaddr_storage` is made to be seen as `sockaddr`, and its size is passed.
                clinux_accept(socket.descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size)
            }
            if descriptor >= 0, Self.missingReserves.load(ordering: .sequentiallyConsistent) > 0 {
                // It may be the one that another loop has just let go of, and would never see again.
                reset(Socket(descriptor: descriptor))
                continue
            }
            if descriptor >= 0 {
                take(Socket(descriptor: descriptor), from: SocketAddress(system: storage))
                continue
            }
            switch errno {
            case EAGAIN: return
            // The peer is gone already, or the network has a word about it (accept(2)): the next one.
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                ENETUNREACH:
                continue
            case EMFILE, ENFILE:
                switch refuseOne() {
                case .refused: continue
                case .nobodyWaits: return
                case .cannot: return retryLater()
                }
            default: return retryLater()
            }
        }
        loop.again(self)
    }

    private func take(_ socket: Socket, from peer: SocketAddress?) {
        loop.statistics.tcpAccepted &+= 1
        do {
            let security = try tls.map { TCPSecurity(try TLSEngine(server: $0)) }
            let connection = try TCPConnection.adopt(
                socket, on: loop, options: options, security: security, handler: nil)
            guard let peer, let handler = acceptor?.accepted(connection, from: peer) else { return connection.abort() }
            connection.handler = handler
        } catch {
            loop.statistics.tcpRefused &+= 1
            socket.close()
        }
    }

    private enum Refusal { case refused, nobodyWaits, cannot }

    /// Accepts one connection on the reserved descriptor and resets it.
    private func refuseOne() -> Refusal {
        guard regainReserve() else { return .cannot }
        Self.missingReserves.add(1, ordering: .sequentiallyConsistent)
        Glibc.close(reserve)
        reserve = -1
        let descriptor = clinux_accept(socket.descriptor, nil, nil)
        // Without a descriptor accept(2) fails before it looks whether anybody waits.
        let isQueueEmpty = descriptor < 0 && errno == EAGAIN
        if descriptor >= 0 { reset(Socket(descriptor: descriptor)) }
        return !regainReserve() ? .cannot : isQueueEmpty ? .nobodyWaits : descriptor >= 0 ? .refused : .cannot
    }

    /// Has the reserved descriptor open again; false where there is none.
    private func regainReserve() -> Bool {
        guard reserve < 0 else { return true }
        reserve = Self.openReserve()
        guard reserve >= 0 else { return false }
        Self.missingReserves.subtract(1, ordering: .sequentiallyConsistent)
        return true
    }

    /// Takes a connection that there is no descriptor for off the kernel's hands.
    private func reset(_ socket: Socket) {
        loop.statistics.tcpRefused &+= 1
        loop.log.error(
            "out of descriptors, connections are reset", every: &exhaustion, at: loop.now,
            ["address": address.description])
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        socket.close()
    }

    /// No edge will tell when descriptors are free again, so a timer does.
    private func retryLater() {
        guard isOpen, retry == nil else { return }
        retry = loop.arm(after: .milliseconds(100), self)
    }
}
