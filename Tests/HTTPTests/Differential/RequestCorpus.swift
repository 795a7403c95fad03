import TestKit

/// Requests, most of them good and many of them spoilt, the same ones for the same seed.
struct RequestCorpus {
    private var generator: SplitMix

    init(seed: UInt64) { generator = SplitMix(seed: seed) }

    static func cases(count: Int, seed: UInt64) -> [[UInt8]] {
        var corpus = RequestCorpus(seed: seed)
        return (0..<count).map { _ in corpus.next() }
    }

    /// What chance may miss.
    static let handmade: [[UInt8]] = [
        "\r", "\r\nGET / HTTP/1.0\r\n\r\n", "GET / HTTP/3.0\r\n\r\n", "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
        chunked("1 \r\na\r\n0\r\n\r\n"),
        chunked("0\r\nX\r\n"), chunked("0\r\nX(: z\r\n"), chunked("0\r\n: x\r\n"), chunked("0\r\nX : y\r\n"),
        "GET /\\ HTTP/1.0\r\n\r\n", "GET /%zz HTTP/1.0\r\n\r\n", "GET /%ff HTTP/1.0\r\n\r\n",
        "GET /%00 HTTP/1.0\r\n\r\n",
        "GET /caf\u{E9} HTTP/1.0\r\n\r\n", "GET /\u{C3}\u{A9} HTTP/1.0\r\n\r\n",
    ].map { $0.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

    private static func chunked(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    }

    /// A good request, spoilt in up to three places.
    mutating func next() -> [UInt8] {
        var bytes = goodRequest()
        for _ in 0..<Int.random(in: 0...3, using: &generator) { spoil(&bytes) }
        return bytes
    }

    private mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &generator)! }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &generator) == 0 }
}

// MARK: - Good requests

extension RequestCorpus {
    private static let methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "M-SEARCH"]

    private static let targets = [
        "/", "/a", "/live/livestream.flv", "/a/b/../c?x=1", "/a%20b", "/%E4%B8%AD", "/api/v1/streams/?start=0&count=10",
        "/a//b/",
        "http://example.com/x?y", "http://[::1]:8080/", "/a?b=%2F#", "/{x}|y", "/..", "/%2e%2e/", "/a%00", "*",
        "example.com:443",
    ]

    private static let fields = [
        "User-Agent: curl/7.88.1", "Accept: */*", "Accept-Encoding: gzip, deflate", "X-Empty:", "X-Blank:   ",
        "X-Tabs:\ta\tb\t",
        "X-Latin: caf\u{E9}", "Cookie: a=b; c=d", "Range: bytes=0-", "Connection: keep-alive", "Connection: close",
        "x-lower: v",
        "Expect: 100-continue", "Content-Type: application/json", "!#$%&'*+-.^_`|~: all",
        "Connection: upgrade\r\nUpgrade: websocket",
    ]

    private static let lengths = [
        "Content-Length: 5, 5", "Content-Length: +5", "Content-Length: 5\r\nContent-Length: 5", "Content-Length:",
    ]

    private static let codings = [
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity", "Transfer-Encoding: Chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
    ]

    private mutating func goodRequest() -> [UInt8] {
        let version = chance(8) ? "HTTP/1.0" : "HTTP/1.1"
        var lines = [
            "\(pick(Self.methods)) \(chance(3) ? pick(Self.targets) : pick(Array(Self.targets.prefix(8)))) \(version)"
        ]
        if !chance(20) { lines.append("Host: \(pick(["a", "example.com:8080", "[::1]", "", "192.0.2.1"]))") }
        for _ in 0..<Int.random(in: 0...4, using: &generator) { lines.append(pick(Self.fields)) }
        var body = ""
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1:
            body = String(repeating: "b", count: Int.random(in: 0...40, using: &generator))
            lines.append("Content-Length: \(body.utf8.count)")
        case 2, 3:
            body = chunks()
            lines.append("Transfer-Encoding: chunked")
        case 4 where chance(2): lines.append(pick(Self.lengths))
        case 5 where chance(2): lines.append(pick(Self.codings))
        default: break
        }
        if chance(4) { lines.swapAt(1 % lines.count, lines.count - 1) }
        let text = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
        // One byte for each scalar: the text is Latin-1.
        var bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        if chance(4) { bytes += Array("GET /next HTTP/1.1\r\nHost: a\r\n\r\n".utf8) }
        return bytes
    }

    private mutating func chunks() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let data = String(repeating: "c", count: Int.random(in: 1...20, using: &generator))
            let size = String(data.utf8.count, radix: 16, uppercase: chance(2))
            text += "\(chance(4) ? "0" : "")\(size)\(chance(4) ? ";n=\"v\"" : "")\r\n\(data)\r\n"
        }
        return text + "0\r\n" + (chance(4) ? "X-Trailer: t\r\n" : "") + "\r\n"
    }
}

// MARK: - Spoiling them

extension RequestCorpus {
    private static let characters =
        Array("\0\u{1}\t\n\u{B}\r \"#%()+,-./0159:;<=>?@A[\\]^_`az{|}~\u{7F}".utf8) + [0x80, 0xA0, 0xC3, 0xFF]

    private static let pieces = [
        "\r\n", "\n", "\r", " ", "  ", "\t", ":", " :", ": ", "\r\n ", "\r\n\t", "0", "00", "0x", "-", "+", ",", ", ",
        ";", "%", "%2", "..", "/../", "\\",
        "Content-Length: 5\r\n", "Content-Length: 6\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "HTTP/1.1",
        "HTTP/2.0", "GET ", "chunked, ",
        "X: y\r\n", "X : y\r\n", ": y\r\n", "X\r\n", "\r\n\r\n", "\n\n", "0\r\n\r\n", "FFFFFFFFFFFFFFFF",
        "7FFFFFFFFFFFFFFF",
    ]

    private mutating func spoil(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = pick(Self.characters)
        case 2: bytes.insert(pick(Self.characters), at: place)
        case 3: bytes.insert(contentsOf: Array(pick(Self.pieces).utf8), at: place)
        case 4: bytes.insert(contentsOf: Array(pick(Self.pieces).utf8), at: lineStart(in: bytes, before: place))
        case 5: bytes.removeLast(bytes.count - place)
        case 6:
            let end = Swift.min(bytes.count, place + Int.random(in: 1...20, using: &generator))
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        default: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        }
    }

    private func lineStart(in bytes: [UInt8], before place: Int) -> Int {
        (bytes[..<place].lastIndex(of: 10) ?? -1) + 1
    }
}
