/// What the AMF values of one message may cost; `AMFReader` refuses the message at each bound.
package struct AMFLimits: Sendable, Hashable {
    /// Levels of objects and arrays inside each other, 1 to 64; readers and writers recurse that deep.
    package let maximumDepth: Int
    /// Values of the whole message, those inside of others included.
    package let maximumValues: Int
    /// Bytes of all texts, keys, byte arrays and vectors of the message.
    package let maximumBytes: Int

    /// The defaults hold the metadata of a long recording with a list of its key frames.
    ///
    /// What a reference names counts each time it is named, so a short message cannot become a large value.
    package init(maximumDepth: Int = 32, maximumValues: Int = 32768, maximumBytes: Int = 262_144) {
        precondition((1...64).contains(maximumDepth), "the depth is bounded by a thread's stack")
        precondition(maximumValues > 0 && maximumBytes > 0, "a message has room for one value")
        self.maximumDepth = maximumDepth
        self.maximumValues = maximumValues
        self.maximumBytes = maximumBytes
    }
}
