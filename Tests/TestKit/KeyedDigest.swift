import COpenSSL

/// HMAC with SHA-256, for cores that are handed theirs.
package enum KeyedDigest {
    package static func hmacSHA256(_ message: RawSpan, key: RawSpan) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { code, count in
            let result = message.withUnsafeBytes { message in
                key.withUnsafeBytes { key in
                    // Safe: HMAC reads the two borrowed buffers and writes 32 bytes, for which there is room.
                    HMAC(
                        EVP_sha256(), key.baseAddress, Int32(key.count),
                        message.bindMemory(to: UInt8.self).baseAddress, message.count, code.baseAddress, nil)
                }
            }
            precondition(result != nil, "HMAC-SHA256 is missing from this OpenSSL")
            count = 32
        }
    }
}
