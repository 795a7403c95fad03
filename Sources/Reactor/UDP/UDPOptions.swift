import CLinux
import Glibc

/// How a datagram socket behaves; one value is shared by all sockets of a kind.
package final class UDPOptions: Sendable {
    /// Bounds of one socket.
    package struct Limits: Sendable {
        /// Datagrams read from one socket before the others on its loop get their turn.
        package var datagramsPerTurn = 256
        /// Unsent bytes that wait here while the kernel takes none, each message counted with 64 bytes more; beyond,
        /// the newest datagrams are dropped and counted.
        package var maximumOutput = 1024 * 1024
        /// Bytes that the kernel holds for us in either direction, before its own overhead. Without the privilege to
        /// pass net.core.rmem_max and wmem_max it gives less; `UDPSocket.receiveBuffer` shows what it gave.
        package var receiveBuffer = 4 * 1024 * 1024
        package var sendBuffer = 2 * 1024 * 1024

        package init() {}
    }

    /// What happens to a datagram larger than the path takes.
    package enum Fragmentation: Sendable {
        /// As the system is set up: usually fragments once the kernel has learnt of a smaller path.
        case system
        /// Routers may cut it.
        case allowed
        /// It is refused with EMSGSIZE, and the kernel learns the size of the path (RFC 1191, RFC 8201).
        case forbidden
        /// It is sent whole whatever the kernel has learnt: for owners that probe the path themselves (RFC 8899).
        case probing
    }

    package let limits: Limits
    /// Let sockets of several loops share one port (SO_REUSEPORT); the kernel spreads flows over them.
    package let sharesPort: Bool
    /// Report the traffic class of what comes in.
    package let reportsTrafficClass: Bool
    /// Take datagrams of one flow from the kernel in one piece (UDP_GRO), where it can.
    package let groupsInput: Bool
    /// Give datagrams of one flow to the kernel in one piece (UDP_SEGMENT), where it can.
    package let groupsOutput: Bool
    package let fragmentation: Fragmentation

    package init(
        limits: Limits = Limits(), sharesPort: Bool = false, reportsTrafficClass: Bool = true,
        groupsInput: Bool = true, groupsOutput: Bool = true, fragmentation: Fragmentation = .system
    ) {
        self.limits = limits
        self.sharesPort = sharesPort
        self.reportsTrafficClass = reportsTrafficClass
        self.groupsInput = groupsInput
        self.groupsOutput = groupsOutput
        self.fragmentation = fragmentation
    }
}

// MARK: - The kernel's part

extension UDPOptions {
    /// Prepares a socket that will be bound to `local`.
    func apply(to socket: Socket, boundTo local: SocketAddress) throws(SystemError) {
        let isDualStack = local.isIPv6 && local.isWildcard
        if local.isIPv6 { try socket.set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, isDualStack ? 0 : 1) }
        if sharesPort { try socket.set(SOL_SOCKET, SO_REUSEPORT, 1) }
        try socket.set(SOL_SOCKET, SO_RXQ_OVFL, 1)
        try setBuffer(of: socket, force: SO_RCVBUFFORCE, plain: SO_RCVBUF, limits.receiveBuffer)
        try setBuffer(of: socket, force: SO_SNDBUFFORCE, plain: SO_SNDBUF, limits.sendBuffer)
        if local.isIPv6 { try applyIPv6(to: socket, asksForPacketInfo: local.isWildcard) }
        if !local.isIPv6 || isDualStack {
            try applyIPv4(to: socket, asksForPacketInfo: local.isWildcard && !local.isIPv6)
        }
        if groupsInput {
            do { try socket.set(CInt(IPPROTO_UDP), UDP_GRO, 1) } catch {
                // Before Linux 5.0 there is no grouping: datagrams come one by one.
                guard error.code == ENOPROTOOPT else { throw error }
            }
        }
    }

    private func applyIPv4(to socket: Socket, asksForPacketInfo: Bool) throws(SystemError) {
        let level = CInt(IPPROTO_IP)
        if reportsTrafficClass { try socket.set(level, IP_RECVTOS, 1) }
        if asksForPacketInfo { try socket.set(level, IP_PKTINFO, 1) }
        switch fragmentation {
        case .system: break
        case .allowed: try socket.set(level, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
        case .forbidden: try socket.set(level, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
        case .probing: try socket.set(level, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
        }
    }

    private func applyIPv6(to socket: Socket, asksForPacketInfo: Bool) throws(SystemError) {
        let level = CInt(IPPROTO_IPV6)
        if reportsTrafficClass { try socket.set(level, IPV6_RECVTCLASS, 1) }
        if asksForPacketInfo { try socket.set(level, IPV6_RECVPKTINFO, 1) }
        switch fragmentation {
        case .system: break
        case .allowed: try socket.set(level, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT)
        case .forbidden: try socket.set(level, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO)
        case .probing: try socket.set(level, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE)
        }
    }

    /// Passes the system's limit where the process may (CAP_NET_ADMIN), and stays within it otherwise.
    private func setBuffer(of socket: Socket, force: CInt, plain: CInt, _ size: Int) throws(SystemError) {
        do { try socket.set(SOL_SOCKET, force, CInt(clamping: size)) } catch {
            guard error.code == EPERM else { throw error }
            try socket.set(SOL_SOCKET, plain, CInt(clamping: size))
        }
    }
}
