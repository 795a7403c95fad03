package import RTMP
import Reactor

extension HandshakeCrypto {
    /// With the randomness and the digests of this system.
    package static let system = HandshakeCrypto(
        randomBytes: { SecureRandom.bytes($0) }, hmacSHA256: { HMACSHA256.code(of: $0, key: $1) })
}
