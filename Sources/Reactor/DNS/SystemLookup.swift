import Glibc

/// The system's own resolver, with its hosts file, search list and order of addresses (RFC 6724). It blocks.
enum SystemLookup {
    static func lookup(_ name: String) -> DNSAnswer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        // One entry per address, not one per address and kind of socket.
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &list)
        guard code == 0 else { return .failure(error(for: code)) }
        defer { freeaddrinfo(list) }
        var hosts: [SocketAddress.Host] = []
        var next = list
        while let info = next {
            if let host = host(of: info.pointee) { hosts.append(host) }
            next = info.pointee.ai_next
        }
        return hosts.isEmpty ? .failure(.notFound) : .success(hosts)
    }

    private static func host(of info: addrinfo) -> SocketAddress.Host? {
        guard let address = info.ai_addr else { return nil }
        var storage = sockaddr_storage()
        let size = min(Int(info.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        // Safe: the system says how long its address is, and no more is copied than the storage holds.
        memcpy(&storage, address, size)
        return SocketAddress(system: storage)?.host
    }

    private static func error(for code: CInt) -> DNSError {
        // EAI_NODATA and EAI_ADDRFAMILY, which glibc names for _GNU_SOURCE alone: the name is there, an address is not.
        let noData: CInt = -5
        let noAddressOfFamily: CInt = -9
        switch code {
        case EAI_NONAME, noData, noAddressOfFamily: return .notFound
        case EAI_AGAIN: return .temporary
        default: return .failed(code)
        }
    }
}
