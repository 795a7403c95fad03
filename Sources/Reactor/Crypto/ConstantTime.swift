import COpenSSL

/// Comparison of secrets.
package enum ConstantTime {
    /// Whether both hold the same bytes, in a time that depends on their length only. Different lengths are told at
    /// once.
    package static func equal(_ left: RawSpan, _ right: RawSpan) -> Bool {
        guard left.byteCount == right.byteCount else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                // Safe: both buffers hold `left.count` bytes.
                CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
