import Bytes

/// How a peer does the handshake.
package enum HandshakeStyle: Sendable, Hashable {
    /// As the published specification has it: random bytes, echoed.
    case simple
    /// With HMAC digests inside of the random bytes, which some players and encoders insist on ("complex").
    case digest(DigestSchema)
}

/// Where the digest lies in the 1536 bytes of C1 or S1.
///
///     schema 0:  time 4 │ version 4 │ key block 764    │ digest block 764
///     schema 1:  time 4 │ version 4 │ digest block 764 │ key block 764
///
/// The key block served RTMPE; here it is random bytes. A digest block begins with four bytes whose sum, modulo 728,
/// says how far behind them the 32 bytes of the digest begin.
package enum DigestSchema: UInt8, Sendable, Hashable, CaseIterable {
    case keyFirst = 0
    case digestFirst = 1

    var blockOffset: Int {
        switch self {
        case .keyFirst: 772
        case .digestFirst: 8
        }
    }
}

/// The packets C1, S1, C2 and S2, which are all of one size.
enum HandshakePacket {
    static let byteCount = 1536
    static let digestByteCount = 32
    /// Version of the protocol: C0 and S0.
    static let version: UInt8 = 3

    /// A first packet (C1 or S1): time 0, a version, then random bytes.
    static func first(version: [UInt8], crypto: HandshakeCrypto) -> [UInt8] {
        [0, 0, 0, 0] + version + crypto.randomBytes(byteCount - 8)
    }

    /// Writes the digest of a first packet into it.
    static func sign(_ packet: inout [UInt8], schema: DigestSchema, key: [UInt8], crypto: HandshakeCrypto) {
        let start = digestOffset(in: packet.rawSpan, schema)
        let digest = digest(of: packet.rawSpan, without: start, key: key, crypto: crypto)
        packet.replaceSubrange(start..<(start + digestByteCount), with: digest)
    }

    /// The digest that a first packet carries, and where; nil where it carries none that is right.
    static func signature(
        of packet: RawSpan, key: [UInt8], crypto: HandshakeCrypto
    ) -> (schema: DigestSchema, digest: [UInt8])? {
        for schema in DigestSchema.allCases {
            let start = digestOffset(in: packet, schema)
            let expected = digest(of: packet, without: start, key: key, crypto: crypto)
            // The keys are public, so there is nothing that the time of this comparison could betray.
            if packet.extracting(start..<(start + digestByteCount)).elementsEqual(expected.rawSpan) {
                return (schema, expected)
            }
        }
        return nil
    }

    /// A second packet (C2 or S2) that answers the digest of a first one.
    static func answer(to digest: [UInt8], key: [UInt8], crypto: HandshakeCrypto) -> [UInt8] {
        let random = crypto.randomBytes(byteCount - digestByteCount)
        let derived = crypto.hmacSHA256(digest.rawSpan, key.rawSpan)
        return random + crypto.hmacSHA256(random.rawSpan, derived.rawSpan)
    }

    private static func digestOffset(in packet: RawSpan, _ schema: DigestSchema) -> Int {
        let block = schema.blockOffset
        let sum = Int(packet[block]) + Int(packet[block + 1]) + Int(packet[block + 2]) + Int(packet[block + 3])
        return block + 4 + sum % 728
    }

    private static func digest(
        of packet: RawSpan, without start: Int, key: [UInt8], crypto: HandshakeCrypto
    ) -> [UInt8] {
        var rest = ByteWriter(capacity: byteCount - digestByteCount)
        rest.append(packet.extracting(0..<start))
        rest.append(packet.extracting((start + digestByteCount)..<byteCount))
        return crypto.hmacSHA256(rest.bytes, key.rawSpan)
    }
}
