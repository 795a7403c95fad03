package import Bytes
package import Media

/// A piece of a rendition, immutable from its making on and shared by all viewers.
package struct Segment: Sendable {
    /// What a viewer needs in front of a segment that it begins with.
    package struct Entry: Sendable {
        /// What stands before everything else, once: FLV's file header.
        package let preamble: SharedBytes
        /// Metadata and configurations.
        package let head: SharedBytes
        /// A viewer that has been sent this version, or the changes that led to it, goes on without the head.
        package let version: UInt64

        package var byteCount: Int { preamble.count + head.count }
    }

    package let bytes: SharedBytes
    /// Of its first frame.
    package let time: MediaTime
    /// Where a viewer may begin here.
    package let entry: Entry?

    /// What it takes to keep: the head of an entry is its own.
    package var byteCount: Int { bytes.count + (entry?.byteCount ?? 0) }

    package init(_ bytes: SharedBytes, time: MediaTime, entry: Entry? = nil) {
        self.bytes = bytes
        self.time = time
        self.entry = entry
    }
}
