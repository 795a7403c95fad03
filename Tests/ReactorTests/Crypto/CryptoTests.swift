import Bytes
import TestKit
import Testing

@testable import Reactor

// `#expect` can't look into a call that takes a span; these take what a test has.
private func sha1(_ message: String) -> String { hex(SHA1.digest(message.bytes.rawSpan)) }
private func hmac(_ message: String, key: [UInt8]) -> String {
    hex(HMACSHA256.code(of: message.bytes.rawSpan, key: key.rawSpan))
}
private func base64(_ bytes: [UInt8]) -> String { Base64.encode(bytes.rawSpan) }
private func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { ConstantTime.equal(left.rawSpan, right.rawSpan) }

private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

@Suite("SHA-1, HMAC and Base64 give the answers of their specifications")
struct DigestTests {
    @Test(
        "SHA-1 of FIPS 180's examples",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
        ])
    func sha1Examples(message: String, digest: String) {
        #expect(sha1(message) == digest)
    }

    @Test("the WebSocket answer of RFC 6455 §1.3")
    func webSocketAccept() {
        let text = "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        let digest = SHA1.digest(text.bytes.rawSpan)
        #expect(base64(digest) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test("HMAC-SHA256 of RFC 4231's examples")
    func hmacExamples() {
        let key = [UInt8](repeating: 0x0B, count: 20)
        #expect(
            hmac("Hi There", key: key)
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            hmac("what do ya want for nothing?", key: Array("Jefe".utf8))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let long = [UInt8](repeating: 0xAA, count: 131)
        #expect(
            hmac("Test Using Larger Than Block-Size Key - Hash Key First", key: long)
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test("HMAC under an empty key is that of the empty key, not of the key before")
    func hmacEmptyKey() {
        _ = hmac("", key: Array("another".utf8))
        #expect(
            hmac("", key: [])
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test(
        "Base64 both ways, with RFC 4648's examples",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64Examples(plain: String, encoded: String) {
        #expect(base64(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test("every byte survives Base64")
    func base64AllBytes() {
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.decode(base64(all)) == all)
    }

    @Test(
        "text that is not what an encoder writes is refused",
        arguments: [
            "Z", "Zg", "Zg=", "=", "====", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm-_", "Z=g=", "Zg==x",
            "é==",
        ])
    func base64Refuses(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

@Suite("Randomness and comparison of secrets")
struct SecretTests {
    @Test("random bytes differ from call to call, at every length")
    func randomBytes() {
        for count in [0, 1, 16, 32, 1000] { #expect(SecureRandom.bytes(count).count == count) }
        #expect(Set((0..<100).map { _ in SecureRandom.bytes(16) }).count == 100)
    }

    @Test("filling overwrites every byte")
    func fill() {
        var bytes = [UInt8](repeating: 0, count: 64)
        var seen = [UInt8](repeating: 0, count: 64)
        for _ in 0..<32 {
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            SecureRandom.fill(&raw)
            for index in bytes.indices { seen[index] |= bytes[index] }
        }
        #expect(!seen.contains(0))
    }

    @Test("comparison agrees with equality for every position of a difference")
    func compare() {
        let one = SecureRandom.bytes(32)
        #expect(equal(one, one))
        #expect(equal([], []))
        #expect(!equal(one, Array(one[..<31])))
        for position in one.indices {
            var other = one
            other[position] ^= 1
            #expect(!equal(one, other))
        }
    }
}
