extension [SocketAddress] {
    /// IPv6 and IPv4 in turn, beginning with the family of the first, each in its order (RFC 8305 §4): a family that
    /// does not work costs one stagger, not one for each of its addresses.
    func alternatingFamilies() -> [SocketAddress] {
        guard let first else { return [] }
        let (same, other) = (filter { $0.isIPv6 == first.isIPv6 }, filter { $0.isIPv6 != first.isIPv6 })
        var result: [SocketAddress] = []
        for index in 0..<Swift.max(same.count, other.count) {
            if index < same.count { result.append(same[index]) }
            if index < other.count { result.append(other[index]) }
        }
        return result
    }
}
