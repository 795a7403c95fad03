import Glibc

extension SocketAddress.Host {
    /// Whether it never leaves the machine.
    package var isLoopback: Bool {
        switch self {
        case .v4(let address): address >> 24 == 127
        case .v6(let high, let low, _): high == 0 && low == 1
        }
    }

    /// Whether it means something on one network alone, and nothing without that network's name (RFC 4291 §2.5.6,
    /// RFC 3927).
    var isLinkLocal: Bool {
        switch self {
        case .v4(let address): address >> 16 == 0xA9FE
        case .v6(let high, _, _): high >> 54 == 0x3FA
        }
    }

    /// The addresses by which others reach this machine: those of its networks that are up, in the kernel's order, IPv4
    /// before IPv6. Empty where there is nothing but the loopback.
    package static func ofMachine() -> [SocketAddress.Host] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0, let first else { return [] }
        defer { freeifaddrs(first) }
        var hosts: [SocketAddress.Host] = []
        // Safe: the list and what it points to live until `freeifaddrs`, and each ends with a null pointer.
        for entry in sequence(first: first, next: \.pointee.ifa_next) {
            guard entry.pointee.ifa_flags & UInt32(IFF_UP) != 0, let address = entry.pointee.ifa_addr,
                let host = host(of: address), !host.isLoopback, !host.isLinkLocal
            else { continue }
            hosts.append(host)
        }
        return hosts.filter { !$0.isIPv6 } + hosts.filter(\.isIPv6)
    }

    private var isIPv6: Bool {
        if case .v6 = self { true } else { false }
    }

    private static func host(of address: UnsafeMutablePointer<sockaddr>) -> SocketAddress.Host? {
        let size =
            switch Int32(address.pointee.sa_family) {
            case AF_INET: MemoryLayout<sockaddr_in>.size
            case AF_INET6: MemoryLayout<sockaddr_in6>.size
            default: 0
            }
        guard size > 0 else { return nil }
        var storage = sockaddr_storage()
        // Safe: an address of this family has this size, which is less than that of the storage.
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: size))
        }
        return SocketAddress(system: storage)?.host
    }
}
