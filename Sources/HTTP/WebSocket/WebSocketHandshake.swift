import Bytes

/// The opening handshake of RFC 6455 §4. SHA-1 is not computed here: callers bring it as a function.
package enum WebSocketHandshake {
    /// Why a handshake fails.
    package enum Failure: Error, Equatable {
        /// No GET with `Upgrade: websocket` and `Connection: upgrade` in HTTP/1.1.
        case notAsked
        /// Another version than 13; the answer names that one, with 426.
        case unsupportedVersion
        case invalidKey
        /// The server's answer is not the one the key demands.
        case wrongAccept
        /// The server speaks a subprotocol or an extension that was not offered.
        case unsolicitedProtocol
        case unsolicitedExtension

        package var status: Status {
            switch self {
            case .notAsked, .unsupportedVersion: .upgradeRequired
            case .invalidKey, .wrongAccept, .unsolicitedProtocol, .unsolicitedExtension: .badRequest
            }
        }
    }

    /// From a digest function's input to its 20 bytes.
    package typealias SHA1 = (_ bytes: RawSpan) -> [UInt8]

    /// What the server proves that it has read `key` with: base64 of the SHA-1 of the key and a fixed identifier.
    package static func acceptValue(for key: RawSpan, sha1: SHA1) -> String {
        var input = ByteWriter(capacity: 64)
        input.append(key)
        input.append("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        var output = ByteWriter(capacity: 32)
        Base64.append(sha1(input.bytes).rawSpan, to: &output)
        return String(copying: output.bytes)
    }
}

// MARK: - The server's side

extension WebSocketHandshake {
    /// Checks the request and adds the fields of the answer, which goes out with status 101.
    ///
    /// `subprotocols` are the ones this server speaks, the best first; it picks the first that the client offers, or
    /// none.
    package static func accept(
        _ request: borrowing RequestHead, subprotocols: [String] = [], answer: inout Fields, sha1: SHA1
    ) throws(Failure) {
        guard request.method == .get, request.upgrade == .webSocket, request.framing.isEmpty else { throw .notAsked }
        guard request.fields[.secWebSocketVersion]?.equals("13") ?? false else { throw .unsupportedVersion }
        guard request.fields.count(of: .secWebSocketKey) == 1, let key = request.fields[.secWebSocketKey],
            Base64.isSixteenBytes(key)
        else { throw .invalidKey }
        do throws(FieldError) {
            answer.append(.upgrade, "websocket")
            try answer.append(.secWebSocketAccept, text: acceptValue(for: key, sha1: sha1))
            for name in subprotocols where name.withRawSpan({ request.fields.lists($0, in: .secWebSocketProtocol) }) {
                try answer.append(.secWebSocketProtocol, text: name)
                break
            }
        } catch {
            // Only a subprotocol of the program's own that is no token gets here.
            throw .unsolicitedProtocol
        }
    }

    /// The field that goes with the answer to `unsupportedVersion`.
    package static func appendSupportedVersion(to answer: inout Fields) {
        answer.append(.secWebSocketVersion, "13")
        answer.append(.upgrade, "websocket")
    }
}

// MARK: - The client's side

extension WebSocketHandshake {
    /// Adds the fields of a request; `nonce` are 16 random bytes. Returns the key, which `verify` needs.
    package static func appendRequest(nonce: RawSpan, to fields: inout Fields) throws(FieldError) -> String {
        precondition(nonce.byteCount == 16, "the key of a handshake is made of 16 bytes")
        var key = ByteWriter(capacity: 24)
        Base64.append(nonce, to: &key)
        fields.append(.upgrade, "websocket")
        fields.append(.secWebSocketVersion, "13")
        try fields.append(.secWebSocketKey, key.bytes)
        return String(copying: key.bytes)
    }

    /// Checks the server's answer (§4.1). `offered` are the subprotocols of the request; no extension is ever offered.
    package static func verify(
        _ response: borrowing ResponseHead, key: String, offered: [String] = [], sha1: SHA1
    ) throws(Failure) {
        guard response.status == .switchingProtocols, response.fields.lists("websocket", in: .upgrade),
            response.fields.lists("upgrade", in: .connection)
        else { throw .notAsked }
        let expected = key.withRawSpan { acceptValue(for: $0, sha1: sha1) }
        guard response.fields[.secWebSocketAccept]?.equals(text: expected) ?? false else { throw .wrongAccept }
        if response.fields.contains(.secWebSocketExtensions) { throw .unsolicitedExtension }
        if let chosen = response.fields.string(.secWebSocketProtocol), !offered.contains(chosen) {
            throw .unsolicitedProtocol
        }
    }
}
