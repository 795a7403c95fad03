import Bytes

extension FieldName {
    /// The case that `name` spells, in any mix of upper and lower case.
    package init?(_ name: RawSpan) {
        guard !name.isEmpty else { return nil }
        let table = Self.slots
        var slot = Self.slot(of: name)
        while let known = table[slot] {
            if name.equalsIgnoringCase(known.text) {
                self = known
                return
            }
            slot = (slot + 1) & (Self.slotCount - 1)
        }
        return nil
    }

    /// A power of two, several times the number of cases: most unknown names end at an empty slot at once.
    private static let slotCount = 512

    /// Open addressing with linear probing over `slot(of:)`.
    private static let slots: [FieldName?] = {
        var table = [FieldName?](repeating: nil, count: slotCount)
        for name in allCases {
            var slot = slot(of: name.text.rawSpan)
            while table[slot] != nil { slot = (slot + 1) & (slotCount - 1) }
            table[slot] = name
        }
        return table
    }()

    /// From the length, the first, a middle and the last character, so that no name costs a pass of its own.
    private static func slot(of name: RawSpan) -> Int {
        let length = name.byteCount
        let mixed =
            length &* 37 &+ Int(name[0] | 0x20) &* 7 &+ Int(name[length >> 1] | 0x20) &* 131
            &+ Int(name[length - 1] | 0x20) &* 29
        return mixed & (slotCount - 1)
    }
}

extension FieldName {
    /// Whether the field concerns one connection and is never forwarded (RFC 9110 §7.6.1), listed in `Connection` or
    /// not.
    package var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .proxyAuthenticate, .proxyAuthorization, .te, .trailer,
            .transferEncoding, .upgrade:
            true
        default:
            // The others, and those added later, are end-to-end unless `Connection` says otherwise.
            false
        }
    }
}
