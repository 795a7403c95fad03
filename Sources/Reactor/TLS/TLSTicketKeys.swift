import Bytes
import COpenSSL
import Glibc
import Synchronization

/// The keys that session tickets are sealed with (RFC 5077 §4): a new one each period, the one before still accepted.
///
/// Servers that hold the same `TLSTicketKeys` resume each other's sessions; so do processes that were given the same
/// secret, without a word between them, for a period's key follows from the secret and the clock. Without a secret each
/// period has a random key, and a session of two periods ago can't be read by anyone any more.
package final class TLSTicketKeys: Sendable {
    /// Shortest secret that is accepted, in bytes.
    package static let minimumSecretBytes = 32

    /// How long one key seals tickets, and how long a session can be resumed.
    package let period: Duration

    private let secret: [UInt8]?
    private let clock: @Sendable () -> Int64
    private let held: Mutex<Held?> = Mutex(nil)

    /// Random keys, for the servers of one process.
    ///
    /// `period` is 1 s to 7 days (RFC 8446 §4.6.1); `clock` counts seconds since 1970.
    package convenience init(
        period: Duration = .seconds(7200), clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) {
        self.init(checked: nil, period: period, clock: clock)
    }

    /// Keys for all processes that are given the same `secret`, of at least `minimumSecretBytes`, and the same
    /// `period`.
    package convenience init(
        secret: [UInt8], period: Duration = .seconds(7200),
        clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) throws(TLSConfigurationProblem) {
        guard secret.count >= Self.minimumSecretBytes else { throw .shortTicketSecret(bytes: secret.count) }
        self.init(checked: secret, period: period, clock: clock)
    }

    private init(checked secret: [UInt8]?, period: Duration, clock: @escaping @Sendable () -> Int64) {
        precondition(period >= .seconds(1) && period <= .seconds(604_800), "a ticket lives 1 s to 7 days")
        self.secret = secret
        self.period = period
        self.clock = clock
    }

    /// The keys of one period.
    struct Key: Sendable, Equatable {
        /// Tells the server which key sealed a ticket; travels in the clear.
        let name: SIMD16<UInt8>
        let cipher: SIMD32<UInt8>
        let code: SIMD32<UInt8>
    }

    private struct Held {
        let number: Int64
        let current: Key
        let previous: Key
    }

    /// The key to seal with, and the one before it.
    func keys() -> (current: Key, previous: Key) {
        let number = clock() / period.components.seconds
        return held.withLock { held in
            if let held, held.number == number { return (held.current, held.previous) }
            let before = held.flatMap { $0.number == number - 1 ? $0.current : nil }
            let next = Held(number: number, current: makeKey(number), previous: before ?? makeKey(number - 1))
            held = next
            return (next.current, next.previous)
        }
    }

    private func makeKey(_ number: Int64) -> Key {
        guard let secret else {
            return Key(
                name: .init(SecureRandom.bytes(16)), cipher: .init(SecureRandom.bytes(32)),
                code: .init(SecureRandom.bytes(32)))
        }
        func derive(_ use: StaticString) -> [UInt8] {
            var message = ByteWriter()
            message.append("sluice session ticket ")
            message.append(use)
            message.u64(UInt64(bitPattern: number))
            return HMACSHA256.code(of: message.bytes, key: secret.rawSpan)
        }
        return Key(
            name: .init(derive("name").prefix(16)), cipher: .init(derive("cipher")), code: .init(derive("code")))
    }
}

// MARK: - OpenSSL's callback

extension TLSTicketKeys {
    /// Installs the key for a ticket that is about to be sealed (`sealing`) or opened.
    ///
    /// Returns what SSL_CTX_set_tlsext_ticket_key_evp_cb asks for: 1 used, 2 used but due for renewal, 0 no such key,
    /// −1 failed. `name` has 16 bytes, `vector` the 16 of an AES block.
    func install(
        name: UnsafeMutablePointer<UInt8>, vector: UnsafeMutablePointer<UInt8>, cipher: OpaquePointer,
        code: OpaquePointer, sealing: Bool
    ) -> Int32 {
        let (current, previous) = keys()
        // Safe: OpenSSL hands over 16 bytes for the name.
        let slot = UnsafeMutableRawPointer(name)
        let key: Key
        if sealing {
            slot.storeBytes(of: current.name, as: SIMD16<UInt8>.self)
            guard RAND_bytes(vector, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 else { return -1 }
            key = current
        } else {
            switch slot.loadUnaligned(as: SIMD16<UInt8>.self) {
            case current.name: key = current
            case previous.name: key = previous
            default: return 0
            }
        }
        let isSet = withUnsafeBytes(of: key.cipher) { bytes in
            // Safe: the cipher reads 32 bytes of key and 16 of the vector.
            let bytes = bytes.bindMemory(to: UInt8.self).baseAddress
            return sealing
                ? EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, bytes, vector)
                : EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, bytes, vector)
        }
        var secret = key.code
        // Safe: the code reads 32 bytes of key; OpenSSL copies them.
        let isKeyed = withUnsafeMutableBytes(of: &secret) {
            copenssl_EVP_MAC_CTX_use_sha256(code, $0.baseAddress, $0.count)
        }
        guard isSet == 1, isKeyed == 1 else { return -1 }
        return key == current ? 1 : 2
    }
}
