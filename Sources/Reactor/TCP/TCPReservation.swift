import Glibc
import Synchronization

/// Holds an address from the check that nobody else listens on it until our loops do.
///
/// With `SO_REUSEPORT` alone a second program of the same user would get half of the connections unnoticed. The address
/// is therefore first taken without it, and shared with our own listeners only then; whoever checks in the same way
/// meanwhile is refused.
package final class TCPReservation: Sendable {
    /// What to listen on: the port that port 0 stood for, and 0.0.0.0 for `::` where the system has no IPv6.
    package let address: SocketAddress
    private let socket: Mutex<Socket?>

    package init(_ address: SocketAddress) throws(SystemError) {
        let taken: Socket
        do throws(SystemError) {
            taken = try Self.take(address)
        } catch {
            let hasNoIPv6 = error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL
            guard hasNoIPv6, address.isIPv6, address.isWildcard else { throw error }
            taken = try Self.take(SocketAddress(.v4(0), port: address.port))
        }
        self.address = taken.localAddress ?? address
        socket = Mutex(taken)
    }

    deinit { release() }

    /// Leaves the address to our listeners. What connected before they were there is reset.
    package func release() {
        socket.withLock {
            $0?.closeListening()
            $0 = nil
        }
    }

    private static func take(_ address: SocketAddress) throws(SystemError) -> Socket {
        let socket = try Socket(family: address.isIPv6 ? AF_INET6 : AF_INET, type: SOCK_STREAM)
        do throws(SystemError) {
            try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
            if address.isIPv6 { try socket.set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, address.isWildcard ? 0 : 1) }
            try socket.bind(to: address)
            // A bound address is its owner's only while it listens: two that merely bind do not get in each other's
            // way.
            guard listen(socket.descriptor, 1) == 0 else { throw .last("listen") }
            try socket.set(SOL_SOCKET, SO_REUSEPORT, 1)
            return socket
        } catch {
            socket.close()
            throw error
        }
    }
}
