package import Bytes

/// The client's side of the handshake, with or without a digest.
///
///     begin: C0 C1 ──▶ S0 S1 ──▶ C2, at once ──▶ S2 ──▶ done
///
/// A server that answers a digest without one is accepted: old ones do. What S2 contains is not looked at, for many
/// servers do not echo exactly. It keeps no bytes: what is not consumed is given again.
package struct ClientHandshake: Sendable {
    private var server = PeerHandshake()
    private let wanted: HandshakeStyle
    private let crypto: HandshakeCrypto

    /// How the server does it, once its first packet was read.
    package private(set) var style: HandshakeStyle?

    /// A version of a player that signs; servers look for one that is not 0.
    private static let clientVersion: [UInt8] = [9, 0, 124, 2]

    package init(_ wanted: HandshakeStyle, crypto: HandshakeCrypto) {
        self.wanted = wanted
        self.crypto = crypto
    }

    /// Appends C0 and C1, which is what a client begins with.
    package func begin(output: inout ByteWriter) {
        output.reserve(1 + HandshakePacket.byteCount)
        output.u8(HandshakePacket.version)
        switch wanted {
        case .simple: output.append(HandshakePacket.first(version: [0, 0, 0, 0], crypto: crypto))
        case .digest(let schema):
            var first = HandshakePacket.first(version: Self.clientVersion, crypto: crypto)
            HandshakePacket.sign(&first, schema: schema, key: HandshakeKeys.clientFirst, crypto: crypto)
            output.append(first)
        }
    }

    /// Looks at `bytes`, everything not yet consumed, and appends what there is to answer to `output`.
    package mutating func receive(
        _ bytes: RawSpan, output: inout ByteWriter
    ) throws(HandshakeError) -> HandshakeStep {
        let (hasHello, step) = try server.receive(bytes)
        if hasHello { answer(bytes.extracting(PeerHandshake.hello), output: &output) }
        return step
    }

    private mutating func answer(_ hello: RawSpan, output: inout ByteWriter) {
        switch wanted {
        case .simple: break
        case .digest:
            if let signed = HandshakePacket.signature(of: hello, key: HandshakeKeys.serverFirst, crypto: crypto) {
                style = .digest(signed.schema)
                output.append(
                    HandshakePacket.answer(to: signed.digest, key: HandshakeKeys.clientAnswer, crypto: crypto))
                return
            }
        }
        style = .simple
        output.append(hello)
    }
}
