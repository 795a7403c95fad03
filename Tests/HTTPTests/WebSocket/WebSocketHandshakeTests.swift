import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

@Suite("WebSocketHandshake") struct WebSocketHandshakeTests {
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    /// The digest of the example in RFC 6455 §1.3, for its input alone.
    private static func sha1(_ bytes: RawSpan) -> [UInt8] {
        let isExample = String(copying: bytes) == key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        guard isExample else { return [UInt8](repeating: 0, count: 20) }
        return [
            0xB3, 0x7A, 0x4F, 0x2C, 0xC0, 0x62, 0x4F, 0x16, 0x90, 0xF6, 0x46, 0x06, 0xCF, 0x38, 0x59, 0x45, 0xB2, 0xBE,
            0xC4, 0xEA,
        ]
    }

    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    private func head(_ fields: [String], line: String = "GET /chat HTTP/1.1") throws -> RequestHead {
        var head = RequestHead()
        var parser = RequestParser()
        let text = ([line, "Host: a"] + fields + ["", ""]).joined(separator: "\r\n")
        _ = try parser.parse(text.bytes.rawSpan, into: &head)
        return head
    }

    private static let good = [
        "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: \(key)",
    ]

    @Test("the example of the RFC is accepted")
    func accepted() throws {
        var answer = Fields()
        try WebSocketHandshake.accept(try head(Self.good), answer: &answer, sha1: Self.sha1)
        #expect(answer.list == [["Upgrade", "websocket"], ["Sec-WebSocket-Accept", Self.accept]])
    }

    @Test(
        "the best subprotocol that both speak is chosen",
        arguments: [
            ("flv, mse", ["mse", "flv"], "mse"), ("flv", ["mse", "flv"], "flv"), ("x", ["mse"], nil), ("", [], nil),
        ] as [(String, [String], String?)])
    func subprotocols(offered: String, spoken: [String], expected: String?) throws {
        var answer = Fields()
        let request = try head(Self.good + ["Sec-WebSocket-Protocol: \(offered)"])
        try WebSocketHandshake.accept(request, subprotocols: spoken, answer: &answer, sha1: Self.sha1)
        #expect(answer.string(.secWebSocketProtocol) == expected)
    }

    @Test(
        "what is no proper handshake is refused",
        arguments: [
            ("POST / HTTP/1.1", good, WebSocketHandshake.Failure.notAsked), ("GET / HTTP/1.0", good, .notAsked),
            ("GET / HTTP/1.1", good.filter { !$0.hasPrefix("Conn") }, .notAsked),
            ("GET / HTTP/1.1", good.filter { !$0.hasPrefix("Upg") }, .notAsked),
            ("GET / HTTP/1.1", good + ["Content-Length: 1"], .notAsked),
            ("GET / HTTP/1.1", good.map { $0.hasSuffix("13") ? "Sec-WebSocket-Version: 8" : $0 }, .unsupportedVersion),
            ("GET / HTTP/1.1", good.filter { !$0.hasSuffix("13") }, .unsupportedVersion),
            ("GET / HTTP/1.1", good.filter { !$0.contains("Key") }, .invalidKey),
            ("GET / HTTP/1.1", good + ["Sec-WebSocket-Key: \(key)"], .invalidKey),
            ("GET / HTTP/1.1", good.map { $0.contains("Key") ? "Sec-WebSocket-Key: abc" : $0 }, .invalidKey),
            (
                "GET / HTTP/1.1", good.map { $0.contains("Key") ? "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==x" : $0 },
                .invalidKey
            ),
            (
                "GET / HTTP/1.1", good.map { $0.contains("Key") ? "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==" : $0 },
                .invalidKey
            ),
        ])
    func refused(line: String, fields: [String], failure: WebSocketHandshake.Failure) throws {
        let request = try head(fields, line: line)
        var answer = Fields()
        #expect(throws: failure) { try WebSocketHandshake.accept(request, answer: &answer, sha1: Self.sha1) }
        #expect(answer.isEmpty)
    }

    @Test("the answer to another version names the one that is spoken")
    func version() {
        var answer = Fields()
        WebSocketHandshake.appendSupportedVersion(to: &answer)
        #expect(answer.string(.secWebSocketVersion) == "13")
        #expect(WebSocketHandshake.Failure.unsupportedVersion.status == .upgradeRequired)
    }

    @Test("a client's request is accepted by the server")
    func request() throws {
        var fields = Fields()
        let nonce = Array("the sample nonce".utf8)
        let key = try WebSocketHandshake.appendRequest(nonce: nonce.rawSpan, to: &fields)
        #expect(key == Self.key)
        var encoder = RequestEncoder(.get)
        encoder.upgrades = true
        var output = ByteWriter()
        try encoder.encode(target: "/".bytes.rawSpan, host: "a".bytes.rawSpan, fields, into: &output)
        var head = RequestHead()
        var parser = RequestParser()
        _ = try parser.parse(output.bytes, into: &head)
        var answer = Fields()
        try WebSocketHandshake.accept(head, answer: &answer, sha1: Self.sha1)
        #expect(answer.string(.secWebSocketAccept) == Self.accept)
    }

    @Test(
        "a client checks the answer",
        arguments: [
            (["Connection: Upgrade", "Upgrade: WebSocket", "Sec-WebSocket-Accept: \(accept)"], nil),
            (
                [
                    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: \(accept)",
                    "Sec-WebSocket-Protocol: mse",
                ], nil
            ),
            (["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: \(key)"], .wrongAccept),
            (["Connection: Upgrade", "Upgrade: websocket"], .wrongAccept),
            (["Connection: Upgrade", "Sec-WebSocket-Accept: \(accept)"], .notAsked),
            (["Upgrade: websocket", "Sec-WebSocket-Accept: \(accept)"], .notAsked),
            (
                [
                    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: \(accept)",
                    "Sec-WebSocket-Protocol: x",
                ], .unsolicitedProtocol
            ),
            (
                [
                    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: \(accept)",
                    "Sec-WebSocket-Extensions: x",
                ], .unsolicitedExtension
            ),
        ] as [([String], WebSocketHandshake.Failure?)])
    func verified(fields: [String], failure: WebSocketHandshake.Failure?) throws {
        var head = ResponseHead()
        var parser = ResponseParser()
        let text = (["HTTP/1.1 101 Switching Protocols"] + fields + ["", ""]).joined(separator: "\r\n")
        _ = try parser.parse(text.bytes.rawSpan, answering: .get, into: &head)
        let response = head
        func verify() throws(WebSocketHandshake.Failure) {
            try WebSocketHandshake.verify(response, key: Self.key, offered: ["mse"], sha1: Self.sha1)
        }
        if let failure { #expect(throws: failure) { try verify() } } else { try verify() }
    }
}
