import COpenSSL

/// SHA-1, for protocols that name it (the WebSocket handshake, RFC 6455 §4.2.2). Not for anything that needs security.
package enum SHA1 {
    /// Length of a digest in bytes.
    package static let byteCount = 20

    package static func digest(_ message: RawSpan) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
            message.withUnsafeBytes { bytes in
                // Safe: SHA1 reads `bytes.count` bytes and writes 20, for which there is room.
                _ = COpenSSL.SHA1(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, digest.baseAddress)
            }
            count = byteCount
        }
    }
}
