import Bytes
import Reactor
package import Telemetry

/// Secrets of which a caller has to know one; several, so that they can be exchanged one after the other.
///
/// Nothing can be learnt from how long a look takes: codes of one length are compared, made with a key that nobody
/// knows, and all of them, whichever fits.
package struct AccessTokens: Sendable {
    private let key: [UInt8]
    private let codes: Secret<[[UInt8]]>

    package init(_ tokens: Secret<[String]>) {
        let key = SecureRandom.bytes(HMACSHA256.byteCount)
        self.key = key
        codes = Secret(tokens.reveal().map { HMACSHA256.code(of: Array($0.utf8).rawSpan, key: key.rawSpan) })
    }

    /// Whether none is set, and so none is asked for.
    package var isEmpty: Bool { codes.reveal().isEmpty }

    package func contains(_ text: RawSpan) -> Bool {
        let code = HMACSHA256.code(of: text, key: key.rawSpan)
        var isKnown = false
        for own in codes.reveal() where ConstantTime.equal(code.rawSpan, own.rawSpan) { isKnown = true }
        return isKnown
    }
}
