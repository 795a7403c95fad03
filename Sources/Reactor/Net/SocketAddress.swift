import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port: 28 bytes, compared and hashed as a value.
///
/// IPv4 addresses that a dual-stack socket shows as `::ffff:a.b.c.d` are IPv4 here, so that a peer has one address
/// whatever the socket it came through.
package struct SocketAddress: Hashable, Sendable {
    package enum Host: Hashable, Sendable {
        /// In host byte order: 127.0.0.1 is 0x7F000001.
        case v4(UInt32)
        case v6(high: UInt64, low: UInt64, scope: UInt32)
    }

    package let host: Host
    package let port: UInt16

    package init(_ host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    package static func loopback(port: UInt16) -> SocketAddress { SocketAddress(.v4(0x7F00_0001), port: port) }
    package static func loopback6(port: UInt16) -> SocketAddress {
        SocketAddress(.v6(high: 0, low: 1, scope: 0), port: port)
    }

    package var isIPv6: Bool {
        if case .v6 = host { true } else { false }
    }

    /// Whether it is 0.0.0.0 or `::`, which a listener binds to take every address.
    package var isWildcard: Bool {
        switch host {
        case .v4(let address): address == 0
        case .v6(let high, let low, _): high == 0 && low == 0
        }
    }

    package func with(port: UInt16) -> SocketAddress { SocketAddress(host, port: port) }
}

// MARK: - The system's form

extension SocketAddress {
    /// Calls `body` with the address as the system wants it. `asIPv6` maps IPv4 into `::ffff:0:0/96`, for sockets that
    /// carry both families.
    func withSystemAddress<R>(asIPv6: Bool = false, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        switch host {
        case .v4(let address) where !asIPv6:
            var system = sockaddr_in()
            system.sin_family = sa_family_t(AF_INET)
            system.sin_port = port.bigEndian
            system.sin_addr.s_addr = address.bigEndian
            return Self.call(system, body)
        case .v4(let address):
            return Self.call(Self.system6(high: 0, low: 0xFFFF_0000_0000 | UInt64(address), scope: 0, port: port), body)
        case .v6(let high, let low, let scope):
            return Self.call(Self.system6(high: high, low: low, scope: scope, port: port), body)
        }
    }

    private static func system6(high: UInt64, low: UInt64, scope: UInt32, port: UInt16) -> sockaddr_in6 {
        var system = sockaddr_in6()
        system.sin6_family = sa_family_t(AF_INET6)
        system.sin6_port = port.bigEndian
        system.sin6_scope_id = scope
        withUnsafeMutableBytes(of: &system.sin6_addr) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return system
    }

    private static func call<T, R>(_ system: T, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafeBytes(of: system) { bytes in
            // Safe: both concrete types begin with the fields of `sockaddr`, and the length says how far to read.
            body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    /// What the system has written; nil for a family other than IPv4 and IPv6.
    init?(system: sockaddr_storage) {
        switch Int32(system.ss_family) {
        case AF_INET:
            let v4 = withUnsafeBytes(of: system) { $0.loadUnaligned(as: sockaddr_in.self) }
            self.init(.v4(UInt32(bigEndian: v4.sin_addr.s_addr)), port: UInt16(bigEndian: v4.sin_port))
        case AF_INET6:
            let v6 = withUnsafeBytes(of: system) { $0.loadUnaligned(as: sockaddr_in6.self) }
            let (high, low) = withUnsafeBytes(of: v6.sin6_addr) { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            let port = UInt16(bigEndian: v6.sin6_port)
            if high == 0, low >> 32 == 0xFFFF {
                self.init(.v4(UInt32(truncatingIfNeeded: low)), port: port)
            } else {
                self.init(.v6(high: high, low: low, scope: v6.sin6_scope_id), port: port)
            }
        default: return nil
        }
    }
}
