import CLinux
import Glibc

/// The system's side of a socket: a descriptor and the calls on it. Ownership stays with the caller.
package struct Socket: Sendable {
    package let descriptor: CInt

    package init(descriptor: CInt) { self.descriptor = descriptor }

    /// A new non-blocking socket that no child process inherits.
    init(family: CInt, type: __socket_type) throws(SystemError) {
        let flags = CInt(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(family, flags, 0)
        guard descriptor >= 0 else { throw .last("socket") }
    }

    package func close() { _ = Glibc.close(descriptor) }

    /// As `close`, of a socket that listens. A child that is just being started has a copy of it until its program
    /// runs, and the copy alone would go on taking connections, of which nobody ever hears.
    func closeListening() {
        shutdown(descriptor, CInt(SHUT_RD))
        close()
    }

    // MARK: - Options

    package func set(_ level: CInt, _ name: CInt, _ value: CInt) throws(SystemError) {
        var value = value
        guard setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
            throw .last("setsockopt")
        }
    }

    /// What the kernel has for an option; 0 where it has none.
    package func get(_ level: CInt, _ name: CInt) -> CInt {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, level, name, &value, &size) == 0 ? value : 0
    }

    /// The pending error of the socket, taken off it; 0 for none.
    package func takeError() -> CInt {
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return errno }
        return code
    }

    /// Bytes of a stream that have been sent into the socket and not been acknowledged by the peer.
    package var unacknowledgedBytes: Int {
        var count: CInt = 0
        // SIOCOUTQ by its other name (tcp(7)).
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    // MARK: - Addresses

    package func bind(to address: SocketAddress) throws(SystemError) {
        let result = address.withSystemAddress { Glibc.bind(descriptor, $0, $1) }
        guard result == 0 else { throw .last("bind") }
    }

    package var localAddress: SocketAddress? { address(getsockname) }
    package var peerAddress: SocketAddress? { address(getpeername) }

    private func address(
        _ call: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            // Safe: `sockaddr_storage` is made to be seen as `sockaddr`, and its size is passed.
            call(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size)
        }
        return result == 0 ? SocketAddress(system: storage) : nil
    }
}
