import Bytes

extension Fields {
    /// Who has passed the message on so far, the first one first, as `Via` says (RFC 9110 §7.6.3): a pseudonym, or a
    /// host and perhaps a port.
    ///
    /// Comments and quotes mean nothing: one that somebody has not closed would hide all names behind it, where proxies
    /// in between have made one line of several. What is no member of such a list is left out.
    package var viaReceivers: [String] {
        var receivers: [String] = []
        for position in 0..<count where knownName(at: position) == .via {
            Self.readReceivers(value(at: position), into: &receivers)
        }
        return receivers
    }

    /// The second word of each member: the first one is the protocol.
    private static func readReceivers(_ list: RawSpan, into receivers: inout [String]) {
        var start = 0
        while start < list.byteCount {
            var end = start
            while end < list.byteCount, list[end] != UInt8(ascii: ",") { end += 1 }
            let member = list.extracting(start..<end).trimmed
            start = end + 1
            var gap = 0
            while gap < member.byteCount, !member[gap].isBlank { gap += 1 }
            guard gap < member.byteCount else { continue }
            let rest = member.extracting(gap..<member.byteCount).trimmed
            var length = 0
            while length < rest.byteCount, !rest[length].isBlank { length += 1 }
            receivers.append(String(copying: rest.extracting(0..<length)))
        }
    }
}
