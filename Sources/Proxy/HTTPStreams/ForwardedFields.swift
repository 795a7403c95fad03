import Bytes
import HTTP
import Reactor

/// The fields of a request as an origin gets them: those of the viewer, but for what concerns its connection alone, who
/// the viewer is, and which proxies it has come through.
enum ForwardedFields {
    /// `X-Forwarded-For` and `Forwarded` (RFC 7239) grow by the viewer, as this proxy sees it; what a viewer says in
    /// the others of itself is replaced.
    static func make(
        of viewer: borrowing Fields, _ version: Version, from peer: SocketAddress.Host, host: String, isSecure: Bool,
        passing mark: PassageMark
    ) throws(FieldError) -> Fields {
        var fields = copy viewer
        fields.removeHopByHop()
        for name in [
            FieldName.host, .secWebSocketKey, .secWebSocketVersion, .secWebSocketExtensions, .secWebSocketProtocol,
        ] { fields.remove(name) }
        let scheme = isSecure ? "https" : "http"
        try fields.set(.xForwardedFor, text: list(fields, .xForwardedFor, and: peer.description))
        try fields.set(.xRealIP, text: peer.description)
        try fields.set(.xForwardedProto, text: scheme)
        try fields.set(.xForwardedHost, text: host)
        let node = if case .v6 = peer { "\"[\(peer)]\"" } else { peer.description }
        // A host has been checked: nothing in it ends the quotes.
        let element = "for=\(node);host=\"\(host)\";proto=\(scheme)"
        try fields.set(.forwarded, text: list(fields, .forwarded, and: element))
        try mark.add(to: &fields, version)
        return fields
    }

    private static func list(_ fields: borrowing Fields, _ name: FieldName, and last: String) -> String {
        var members: [String] = []
        for position in 0..<fields.count where fields.knownName(at: position) == name {
            let value = fields.value(at: position)
            if !value.isEmpty { members.append(String(copying: value)) }
        }
        return (members + [last]).joined(separator: ", ")
    }
}
