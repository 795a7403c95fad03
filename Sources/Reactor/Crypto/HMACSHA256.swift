import COpenSSL

/// HMAC with SHA-256 (RFC 2104).
package enum HMACSHA256 {
    /// Length of a code in bytes.
    package static let byteCount = 32

    /// The code of `message` under `key`; compare codes with `ConstantTime.equal`.
    package static func code(of message: RawSpan, key: RawSpan) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { code, count in
            let result = message.withUnsafeBytes { message in
                key.withUnsafeBytes { key in
                    // Safe: HMAC reads the two borrowed buffers and writes 32 bytes, for which there is room. A null
                    // key would mean "the key of last time", so that an empty one needs an address.
                    withUnsafeBytes(of: UInt8(0)) { empty in
                        COpenSSL.HMAC(
                            EVP_sha256(), key.baseAddress ?? empty.baseAddress, Int32(key.count),
                            message.bindMemory(to: UInt8.self).baseAddress, message.count, code.baseAddress, nil)
                    }
                }
            }
            precondition(result != nil, "HMAC-SHA256 is missing from this OpenSSL")
            count = byteCount
        }
    }
}
