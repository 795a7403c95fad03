package import Reactor

/// One of an origin's addresses, as its heartbeat names it.
package struct Endpoint: Hashable, Sendable {
    package enum Transport: String, Sendable, CaseIterable { case tcp, udp }

    /// Nil where it goes without saying.
    package let transport: Transport?

    /// Nil for the address that the heartbeat itself gives: none or a wildcard was named.
    package let host: HostName?

    package let port: UInt16

    package init(transport: Transport? = nil, host: HostName? = nil, port: UInt16) {
        self.transport = transport
        self.host = host
        self.port = port
    }
}

/// What is wrong with the text of an endpoint.
package enum EndpointMistake: Error, Equatable {
    case transport
    case host
    case port

    /// Completes "… is not an endpoint: ".
    package var rule: String {
        switch self {
        case .transport: "only tcp:// and udp:// are known"
        case .host: "the host is neither a name nor an address; IPv6 addresses go in brackets"
        case .port: "a port from 1 to 65535 is missing"
        }
    }
}

extension Endpoint {
    /// Reads every form that SRS origins and their proxies use: `1935`, `10.0.0.5:1935`, `[::]:1935`, `:1935`,
    /// `origin1:1935`, each also after `tcp://`, `udp://` or the older `tcp:`.
    package init(_ text: String) throws(EndpointMistake) {
        var rest = text[...]
        var transport: Transport?
        for known in Transport.allCases {
            for prefix in ["\(known.rawValue)://", "\(known.rawValue):"]
            where transport == nil && rest.hasPrefix(prefix) {
                transport = known
                rest = rest.dropFirst(prefix.count)
            }
        }
        guard !rest.contains("://") else { throw .transport }
        let (host, port) = Self.split(rest)
        guard let number = Self.port(port) else { throw .port }
        let name = try Self.host(host)
        // `UDP:8000`: no host is meant, and written in small letters it would be none.
        if transport == nil, case .name(let name)? = name, Transport(rawValue: name) != nil { throw .transport }
        self.init(transport: transport, host: name, port: number)
    }

    /// At the last colon; what has none is all port.
    private static func split(_ text: Substring) -> (host: Substring, port: Substring) {
        guard let colon = text.lastIndex(of: ":") else { return ("", text) }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    private static func port(_ text: Substring) -> UInt16? {
        // UInt16 would take a sign as well.
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(text), port > 0
        else { return nil }
        return port
    }

    private static func host(_ text: Substring) throws(EndpointMistake) -> HostName? {
        // Go prints the wildcard without brackets in places.
        if text.isEmpty || text == "::" || text == "*" { return nil }
        guard let host = HostName(String(text)) else { throw .host }
        if case .address(let address) = host {
            if SocketAddress(address, port: 0).isWildcard { return nil }
            if case .v6 = address, !text.hasPrefix("[") { throw .host }
        }
        return host
    }
}

extension Endpoint {
    /// As heartbeats write it: `1935`, `udp://10080`, `tcp://10.0.0.5:1935`, `udp://[::1]:8000`.
    package var text: String {
        let prefix = transport.map { "\($0.rawValue)://" } ?? ""
        guard let host else { return "\(prefix)\(port)" }
        let isIPv6 = if case .address(.v6) = host { true } else { false }
        return isIPv6 ? "\(prefix)[\(host)]:\(port)" : "\(prefix)\(host):\(port)"
    }
}
