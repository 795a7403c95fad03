import Glibc

/// A port of 127.0.0.1 that was free, and is held from now on; whoever takes one closes it.
package struct TakenPort: Sendable {
    package struct Failure: Error, Equatable { package let code: CInt }

    /// What becomes of those that connect.
    package enum Use: Sendable {
        /// They wait, up to 64 of them.
        case listening
        /// They are refused, and nobody else can listen.
        case refusing
        /// They are refused until a program listens that was told of the port and sets `SO_REUSEADDR`, as servers do;
        /// again once it has ended. The kernel gives the port to nobody else, as often as the program is restarted.
        case reserved
    }

    package let port: UInt16
    package let descriptor: CInt

    package init(_ use: Use = .listening) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var isShared: CInt = use == .reserved ? 1 : 0
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let isTaken = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isShared, socklen_t(MemoryLayout<CInt>.size)) == 0
                    && bind(descriptor, $0, length) == 0 && (use != .listening || listen(descriptor, 64) == 0)
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isTaken else {
            let code = errno
            close()
            throw Failure(code: code)
        }
    }

    package func close() { Glibc.close(descriptor) }
}
