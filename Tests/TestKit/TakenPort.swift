import Glibc

/// A port of 127.0.0.1 that was free, and on which somebody listens now, or that is held so that nobody does; whoever takes one
/// closes it.
package struct TakenPort {
    package struct Failure: Error, Equatable { package let code: CInt }

    package let port: UInt16
    /// Where those that connect wait, up to 64 of them.
    package let descriptor: CInt

    /// One on which nobody listens refuses whoever connects.
    package init(listens: Bool = true) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let isTaken = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && (!listens || listen(descriptor, 64) == 0)
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
