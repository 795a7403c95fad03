import CLinux
import Glibc

/// How a TCP connection behaves; one value is shared by all connections of a listener or a client.
package final class TCPOptions: Sendable {
    /// Bounds of what a connection may hold. At `maximumOutput` it is aborted: the owner ignored the watermarks.
    package struct Limits: Sendable {
        /// Unsent bytes at which the handler is told to stop writing.
        package var highWatermark = 256 * 1024
        /// Unsent bytes at which it is told to go on.
        package var lowWatermark = 64 * 1024
        /// Unsent bytes that are never passed.
        package var maximumOutput = 4 * 1024 * 1024
        /// Bytes that a peer has to take in each write timeout as long as output waits.
        package var minimumProgress = 8 * 1024
        /// Bytes read from one connection before the others on its loop get their turn.
        package var bytesPerTurn = 1024 * 1024

        package init() {}
    }

    package struct Timeouts: Sendable {
        /// From the start of a connect to the end of the TLS handshake.
        package var handshake: Duration = .seconds(10)
        /// Without a byte in either direction; nil for never.
        package var idle: Duration? = .seconds(60)
        /// With output waiting and the peer taking less than `minimumProgress` of it. It is looked at once in this
        /// time, so that a peer which stops altogether may have nearly twice as much.
        package var write: Duration = .seconds(30)
        /// From our FIN to the peer's.
        package var linger: Duration = .seconds(2)

        package init() {}
    }

    package let limits: Limits
    package let timeouts: Timeouts
    /// Send small segments at once (TCP_NODELAY).
    package let noDelay: Bool
    /// Probe a silent peer after this time; nil for never.
    package let keepAlive: Duration?

    package init(
        limits: Limits = Limits(), timeouts: Timeouts = Timeouts(), noDelay: Bool = true,
        keepAlive: Duration? = .seconds(30)
    ) {
        self.limits = limits
        self.timeouts = timeouts
        self.noDelay = noDelay
        self.keepAlive = keepAlive
    }

    /// Sets the kernel's part. Accepted sockets inherit it from their listener.
    func apply(to socket: Socket) throws(SystemError) {
        // Otherwise urgent data is not read with the rest.
        try socket.set(SOL_SOCKET, SO_OOBINLINE, 1)
        if noDelay { try socket.set(CInt(IPPROTO_TCP), TCP_NODELAY, 1) }
        if let keepAlive {
            let seconds = CInt(max(1, min(keepAlive.components.seconds, 32_767)))
            try socket.set(SOL_SOCKET, SO_KEEPALIVE, 1)
            try socket.set(CInt(IPPROTO_TCP), TCP_KEEPIDLE, seconds)
            try socket.set(CInt(IPPROTO_TCP), TCP_KEEPINTVL, max(1, seconds / 3))
            try socket.set(CInt(IPPROTO_TCP), TCP_KEEPCNT, 3)
        }
        let milliseconds = timeouts.write.components.seconds * 1_000
        try socket.set(CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, CInt(clamping: max(milliseconds, 1_000)))
    }
}
