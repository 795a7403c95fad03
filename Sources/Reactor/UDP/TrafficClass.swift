/// The DSCP and ECN bits of a packet: the TOS byte of IPv4, the traffic class of IPv6 (RFC 2474, RFC 3168).
package struct TrafficClass: Hashable, Sendable {
    /// Explicit congestion notification (RFC 3168 §5).
    package enum ECN: UInt8, Sendable {
        case notCapable = 0
        case capable1 = 1
        case capable0 = 2
        case congestionExperienced = 3
    }

    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `dscp` is 0 to 63; higher bits are cut off.
    package init(dscp: UInt8, ecn: ECN = .notCapable) { rawValue = dscp << 2 | ecn.rawValue }

    package var dscp: UInt8 { rawValue >> 2 }
    package var ecn: ECN {
        switch rawValue & 3 {
        case 1: .capable1
        case 2: .capable0
        case 3: .congestionExperienced
        default: .notCapable
        }
    }
}
