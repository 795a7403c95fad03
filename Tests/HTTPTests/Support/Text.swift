import Bytes

/// The bytes as text, so that an expectation can compare and print them.
func text(_ bytes: RawSpan?) -> String? {
    guard let bytes else { return nil }
    return String(copying: bytes)
}
