import COpenSSL

/// Random bytes that cannot be guessed: keys, tokens, identifiers.
package enum SecureRandom {
    /// Overwrites all of `bytes`.
    ///
    /// Traps where the system has no randomness to give: a process without it must not go on.
    package static func fill(_ bytes: inout MutableRawSpan) {
        bytes.withUnsafeMutableBytes { buffer in
            // Safe: the buffer is exclusively ours while the closure runs.
            fill(UnsafeMutableBufferPointer(start: buffer.bindMemory(to: UInt8.self).baseAddress, count: buffer.count))
        }
    }

    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
            // Safe: the capacity is at least `count`, and `fill` writes all of it.
            fill(UnsafeMutableBufferPointer(start: buffer.baseAddress, count: count))
            initialised = count
        }
    }

    private static func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        precondition(buffer.count <= Int32.max, "at most 2 GiB of randomness at once")
        // Safe: RAND_bytes writes `count` bytes from the start of the buffer.
        precondition(RAND_bytes(buffer.baseAddress, Int32(buffer.count)) == 1, "the system has no randomness")
    }
}
