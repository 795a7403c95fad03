/// What has gone through one datagram socket.
package struct UDPCounters: Equatable, Sendable {
    package internal(set) var datagramsReceived: UInt64 = 0
    package internal(set) var bytesReceived: UInt64 = 0
    /// Taken by the kernel; the network may still lose them.
    package internal(set) var datagramsSent: UInt64 = 0
    package internal(set) var bytesSent: UInt64 = 0

    /// System calls: how well receiving and sending in batches works.
    package internal(set) var receiveCalls: UInt64 = 0
    package internal(set) var sendCalls: UInt64 = 0

    /// Messages that came incomplete and were dropped.
    package internal(set) var truncatedInput: UInt64 = 0
    /// Datagrams that the kernel dropped because its receive buffer was full, as far as it has said.
    package internal(set) var kernelDrops: UInt64 = 0
    /// Datagrams dropped here because `Limits.maximumOutput` was waiting already, or the socket was closed.
    package internal(set) var droppedOutput: UInt64 = 0
    /// Datagrams that the kernel refused to send.
    package internal(set) var refusedOutput: UInt64 = 0
    /// Errors that were pending on the socket: what ICMP has reported.
    package internal(set) var pendingErrors: UInt64 = 0
}
