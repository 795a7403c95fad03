package import Bytes

/// The server's side of the handshake: answers a digest with a digest and everything else with an echo.
///
///     C0 C1 ──▶ S0 S1 S2, at once ──▶ C2 ──▶ done
///
/// What C2 contains is not looked at: clients get it wrong, and nothing depends on it. It keeps no bytes: what is not
/// consumed is given again.
package struct ServerHandshake: Sendable {
    private var client = PeerHandshake()
    private let crypto: HandshakeCrypto

    /// How the client does it, once its first packet was read.
    package private(set) var style: HandshakeStyle?

    /// A version of a server that answers digests; players want one that is not 0.
    private static let serverVersion: [UInt8] = [5, 0, 3, 1]

    package init(crypto: HandshakeCrypto) { self.crypto = crypto }

    /// Looks at `bytes`, everything not yet consumed, and appends what there is to answer to `output`.
    package mutating func receive(
        _ bytes: RawSpan, output: inout ByteWriter
    ) throws(HandshakeError) -> HandshakeStep {
        let (hasHello, step) = try client.receive(bytes)
        if hasHello { answer(bytes.extracting(PeerHandshake.hello), output: &output) }
        return step
    }

    private mutating func answer(_ hello: RawSpan, output: inout ByteWriter) {
        output.reserve(1 + 2 * HandshakePacket.byteCount)
        output.u8(HandshakePacket.version)
        // The version that C1 names is no guide to whether it is signed; its digest is.
        guard let signed = HandshakePacket.signature(of: hello, key: HandshakeKeys.clientFirst, crypto: crypto) else {
            style = .simple
            output.append(HandshakePacket.first(version: [0, 0, 0, 0], crypto: crypto))
            output.append(hello)
            return
        }
        style = .digest(signed.schema)
        var first = HandshakePacket.first(version: Self.serverVersion, crypto: crypto)
        HandshakePacket.sign(&first, schema: signed.schema, key: HandshakeKeys.serverFirst, crypto: crypto)
        output.append(first)
        output.append(
            HandshakePacket.answer(to: signed.digest, key: HandshakeKeys.serverAnswer, crypto: crypto))
    }
}
