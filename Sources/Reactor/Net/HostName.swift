/// What a connection can be asked for: an address, or a name that has to be looked up.
package enum HostName: Hashable, Sendable {
    case address(SocketAddress.Host)
    /// In lower case.
    case name(String)

    /// A literal, an IPv6 one with or without brackets, or a name of letters, digits, `-` and `_` in labels; nil for
    /// anything else.
    package init?(_ text: String) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        if !text.utf8.contains(0),
            let host = SocketAddress.Host(literal: isBracketed ? String(text.dropFirst().dropLast()) : text)
        {
            if case .v4 = host, isBracketed { return nil }
            self = .address(host)
            return
        }
        guard let name = DNSName(text) else { return nil }
        self = .name(name.text)
    }
}

extension HostName: CustomStringConvertible {
    /// An IPv6 address without brackets.
    package var description: String {
        switch self {
        case .address(let host): host.description
        case .name(let name): name
        }
    }
}
