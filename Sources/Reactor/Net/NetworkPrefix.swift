/// A network in CIDR form (RFC 4632, RFC 4291 §2.3): the addresses that begin with the same bits.
///
/// Networks of IPv4 that are written in IPv6 (`::ffff:10.0.0.0/104`) are IPv4 here, as addresses are. A network of IPv6
/// that is wider than all of those, `::/0` for one, holds no address of IPv4.
package struct NetworkPrefix: Hashable, Sendable {
    package let host: SocketAddress.Host
    /// How many bits count: up to 32, or 128.
    package let length: Int

    /// Why a text is not one.
    package enum Fault: Error, Equatable {
        case address
        case length(maximum: Int)
        /// Bits are set behind those that count; the network that was perhaps meant.
        case hostBits(NetworkPrefix)
    }

    private init(_ host: SocketAddress.Host, _ length: Int) {
        self.host = host
        self.length = length
    }

    /// `10.0.0.0/8`, `fd00::/8`, or an address, which is a network of its own; IPv6 with brackets or without.
    package init(parsing text: String) throws(Fault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard case .address(let host)? = HostName(String(parts[0])) else { throw .address }
        var (address, maximum) = (host, 128)
        switch host {
        case .v4: maximum = 32
        case .v6(_, _, let scope): guard scope == 0 else { throw .address }
        }
        var length = maximum
        if parts.count == 2 {
            let isNumber = !parts[1].isEmpty && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isNumber, let given = Int(parts[1]), given <= maximum else { throw .length(maximum: maximum) }
            length = given
        }
        if length >= 96, let mapped = host.mappedV4 { (address, length) = (.v4(mapped), length - 96) }
        let network = NetworkPrefix(address.masked(to: length), length)
        guard network.host == address else { throw .hostBits(network) }
        self = network
    }

    package func contains(_ address: SocketAddress.Host) -> Bool {
        let plain = address.mappedV4.map { SocketAddress.Host.v4($0) } ?? address
        switch (host, plain) {
        case (.v4, .v4), (.v6, .v6): return plain.masked(to: length) == host
        case (.v4, .v6), (.v6, .v4): return false
        }
    }
}

extension NetworkPrefix: CustomStringConvertible {
    /// `10.0.0.0/8`.
    package var description: String { "\(host)/\(length)" }
}

extension SocketAddress.Host {
    /// The address of IPv4 that `::ffff:a.b.c.d` means.
    fileprivate var mappedV4: UInt32? {
        guard case .v6(high: 0, let low, _) = self, low >> 32 == 0xFFFF else { return nil }
        return UInt32(truncatingIfNeeded: low)
    }

    /// The first `length` bits, without a scope.
    fileprivate func masked(to length: Int) -> SocketAddress.Host {
        switch self {
        // A shift by the width of the type or more is 0 in Swift.
        case .v4(let address): .v4(address & ~(UInt32.max >> UInt32(length)))
        case .v6(let high, let low, _):
            .v6(
                high: high & ~(UInt64.max >> UInt64(length)),
                low: low & ~(UInt64.max >> UInt64(max(length - 64, 0))), scope: 0)
        }
    }
}
