/// Which virtual host a stream belongs to.
package enum VirtualHost {
    /// `host` is what a URL or a `Host` field names, a port perhaps behind it; `override` is what `vhost=` says.
    ///
    /// An override wins, whether it has a dot or not: somebody has asked for it by name. A host that is an address,
    /// or has no dot, names no virtual host.
    package static func resolve(host: String, override: String?) -> String {
        if let override, !override.isEmpty {
            let name = normalized(override)
            return name.isEmpty || isAddress(name) ? StreamKey.defaultVhost : name
        }
        let name = normalized(host)
        return !name.utf8.contains(UInt8(ascii: ".")) || isAddress(name) ? StreamKey.defaultVhost : name
    }

    /// Without port and final dots, ASCII letters in lower case; the default's own name stays as it is.
    private static func normalized(_ host: String) -> String {
        if host == StreamKey.defaultVhost { return host }
        var bytes = Array(host.utf8)
        // An address of IPv6 has more than one colon; nothing is taken off it.
        if let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes.lastIndex(of: UInt8(ascii: ":")) == colon {
            bytes.removeSubrange(colon...)
        }
        while bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        for place in bytes.indices where (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[place]) {
            bytes[place] |= 0x20
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// IPv6 has colons; IPv4, in all its spellings, ends in a number, which no domain name does.
    private static func isAddress(_ host: String) -> Bool {
        if host.utf8.contains(UInt8(ascii: ":")) { return true }
        let last = host.utf8.split(separator: UInt8(ascii: ".")).last
        return last?.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }
}
