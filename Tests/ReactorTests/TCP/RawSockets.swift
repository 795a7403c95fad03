import Glibc
import Testing

@testable import Reactor

/// Peers with nothing of ours in them.
extension Socket {
    /// A blocking socket that listens on a free port.
    static func listening() throws -> Socket {
        let socket = try Socket(family: AF_INET, type: SOCK_STREAM)
        _ = fcntl(socket.descriptor, F_SETFL, 0)
        try socket.bind(to: .loopback(port: 0))
        guard listen(socket.descriptor, 1) == 0 else { throw SystemError.last("listen") }
        return socket
    }

    /// What a child has of this process's sockets on `address` between its birth and the start of its program.
    static func copies(on address: SocketAddress) -> [Socket] {
        (0..<min(getdtablesize(), 4_096)).map(Socket.init(descriptor:))
            .filter { $0.localAddress == address }
            .map { Socket(descriptor: fcntl($0.descriptor, F_DUPFD_CLOEXEC, 0)) }
    }

    /// The connection that waits, or will.
    func accepted() -> Socket { Socket(descriptor: accept(descriptor, nil, nil)) }

    /// A blocking socket that is connected to `address`.
    static func connected(to address: SocketAddress) throws -> Socket {
        let socket = try Socket(family: address.isIPv6 ? AF_INET6 : AF_INET, type: SOCK_STREAM)
        _ = fcntl(socket.descriptor, F_SETFL, 0)
        let result = address.withSystemAddress { connect(socket.descriptor, $0, $1) }
        guard result == 0 else {
            defer { socket.close() }
            throw SystemError.last("connect")
        }
        var bound = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(socket.descriptor, SOL_SOCKET, SO_RCVTIMEO, &bound, socklen_t(MemoryLayout<timeval>.size))
        return socket
    }

    /// Waits, with a bound, until the kernel shows one of `events`.
    func hears(_ events: CInt) -> Bool {
        var wait = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&wait, 1, 20_000) > 0 && CInt(wait.revents) & events != 0
    }

    /// Both at once: nobody can read the one before the other has come.
    func sayAndReset(_ bytes: [UInt8]) {
        #expect(send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count)
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func sayAndReset(_ text: String) { sayAndReset(Array(text.utf8)) }
}
