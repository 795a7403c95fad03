/// What a body may cost; what goes beyond is refused with 413, 400 or 431.
package struct BodyLimits: Sendable, Hashable {
    /// The body after decoding. Unbounded by default, since only a route knows what it accepts.
    package var maximumBodyBytes: Int
    /// Chunk extensions that are not paid for by as many bytes of data: they mean nothing to anybody, but must be read.
    package var maximumChunkExtensionBytes: Int
    /// The trailer section of a chunked body.
    package var maximumTrailerBytes: Int

    package init(
        maximumBodyBytes: Int = .max, maximumChunkExtensionBytes: Int = 4096, maximumTrailerBytes: Int = 8192
    ) {
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumChunkExtensionBytes = maximumChunkExtensionBytes
        self.maximumTrailerBytes = maximumTrailerBytes
    }
}
