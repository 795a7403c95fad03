package import Reactor

extension SocketAddress {
    /// The wildcard that takes IPv6 and IPv4.
    package static func everyAddress(port: UInt16) -> SocketAddress {
        SocketAddress(.v6(high: 0, low: 0, scope: 0), port: port)
    }

    /// Reads `19350`, `:1935`, `0.0.0.0:1935` or `[::1]:1935`: a port, behind an address or without one.
    ///
    /// Without an address it is every address of both families. Names are refused, for what they mean changes.
    package init(listening text: String) throws(InvalidValue) {
        guard let colon = text.lastIndex(of: ":") else {
            guard let port = UInt16(portDigits: text) else { throw .breaks(rule: "is not a port from 1 to 65535") }
            self = .everyAddress(port: port)
            return
        }
        guard let port = UInt16(portDigits: text[text.index(after: colon)...]) else {
            throw .breaks(rule: "does not end in a port from 1 to 65535")
        }
        let host = text[..<colon]
        self = host.isEmpty ? .everyAddress(port: port) : SocketAddress(try Self.host(host), port: port)
    }

    private static func host(_ text: Substring) throws(InvalidValue) -> Host {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]") && text.count > 2
        let literal = isBracketed ? text.dropFirst().dropLast() : text
        guard isBracketed || !literal.contains(":") else {
            throw .breaks(rule: "has an IPv6 address without brackets: it is written [address]:port")
        }
        guard !literal.contains("\0"), let host = Host(literal: String(literal)), isBracketed == host.isV6 else {
            throw .breaks(rule: "has no IP address before its port: it is written port or [address]:port")
        }
        return host.withoutMapping
    }

    /// The form that `init(listening:)` reads, as short as it can be.
    package var listeningText: String { self == .everyAddress(port: port) ? "\(port)" : description }

    /// Whether a connection or datagram to some address would suit a listener on either.
    package func overlaps(_ other: SocketAddress) -> Bool {
        guard port != 0, port == other.port else { return false }
        return host == other.host || covers(other) || other.covers(self)
    }

    /// Whether a listener on it is what answers at that port of `host`, as far as that is known without asking anybody:
    /// of the machine's own addresses only the loopbacks are.
    package func takes(connectionsTo host: HostName, port: UInt16) -> Bool {
        let (loopback, loopback6) = (Self.loopback(port: port), Self.loopback6(port: port))
        let meant: [SocketAddress] =
            switch host {
            // One who connects to a wildcard comes to the machine itself.
            case .address(.v4(0)): [loopback]
            case .address(.v6(high: 0, low: 0, scope: _)): [loopback6]
            case .address(let host): [SocketAddress(host, port: port)]
            case .name("localhost"): [loopback, loopback6]
            case .name: []
            }
        return meant.contains { $0 == self || ($0.isLoopback && $0.port == self.port && covers($0)) }
    }

    private var isLoopback: Bool {
        switch host {
        case .v4(let address): address >> 24 == 127
        case .v6(let high, let low, _): high == 0 && low == 1
        }
    }

    private func covers(_ other: SocketAddress) -> Bool { isWildcard && (isIPv6 || !other.isIPv6) }
}

extension SocketAddress.Host {
    fileprivate var isV6: Bool {
        if case .v6 = self { true } else { false }
    }

    /// `::ffff:a.b.c.d` as the IPv4 address that it stands for (RFC 4291 §2.5.5.2): no socket binds to the other form.
    fileprivate var withoutMapping: SocketAddress.Host {
        guard case .v6(high: 0, let low, _) = self, low >> 32 == 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: low))
    }
}

extension UInt16 {
    /// One to five decimal digits up to 65535, without a sign.
    package init?(portDigits text: some StringProtocol) {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        self.init(String(text))
    }
}
