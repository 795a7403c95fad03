/// What a peer may send before its body; what goes beyond is refused with 414 or 431.
package struct HeadLimits: Sendable, Hashable {
    /// The whole head: start line, fields and the empty lines around them; 64 to 65535.
    package let maximumHeadBytes: Int
    /// Field lines.
    package let maximumFieldCount: Int
    /// The request target; requests only.
    package let maximumTargetBytes: Int

    package init(maximumHeadBytes: Int = 16384, maximumFieldCount: Int = 64, maximumTargetBytes: Int = 8192) {
        // `Fields` counts the bytes of a name in 16 bits; and what cannot hold `GET / HTTP/1.1` is a mistake.
        precondition((64...65535).contains(maximumHeadBytes), "a head has 64 to 65535 bytes")
        precondition(maximumFieldCount > 0 && maximumTargetBytes > 0, "a head has room for a target and a field")
        self.maximumHeadBytes = maximumHeadBytes
        self.maximumFieldCount = maximumFieldCount
        self.maximumTargetBytes = maximumTargetBytes
    }
}
