package import Media

/// Which stream an RTMP client means, from the `tcUrl` and `app` of its `connect` and the name in `publish` or
/// `play`.
///
/// - The path is the application, then the name; where the application is empty, the path of the `tcUrl` stands for
///   it. Clients cut the same URL in different places, so only the whole path counts: its last segment is the stream.
/// - The host is the `tcUrl`'s, its port dropped. `vhost=` overrides it: in the name, else in the application, else
///   in the `tcUrl`. SRS's older spelling `app...vhost...host` says the same.
/// - A query begins at the first `?` of each of the three, and is kept aside. FFmpeg and librtmp cut a URL at a slash
///   of its query, too, so there what is behind the slash is part of the path, as in the URLs of Flash encoders that
///   hold the query in their middle (`live?vhost=a.com/stream`). A slash that means none has to be percent-encoded.
/// - Percent-encoding is undone once, behind the cut into segments: encoders send what the URL said, and the same URL
///   means the same stream over HTTP. A `%` without two digits stands for itself, since names need not be URLs.
/// - Blanks and line ends around each of the three, left by copying, are dropped.
package struct StreamAddress: Sendable, Equatable {
    package let key: StreamKey
    /// The queries of name, application and `tcUrl`, as they were sent, joined by `&`: what hooks see. A query of the
    /// `tcUrl` that repeats the application's is left out. May hold secrets.
    package let query: String

    package init(
        tcUrl: AMFString?, app: AMFString?, name: AMFString, limits: StreamKey.Limits = StreamKey.Limits()
    ) throws(StreamKeyError) {
        let url = ConnectURL(try Self.bytes(tcUrl, .vhost))
        let app = QueriedPath(Self.modern(try Self.bytes(app, .app)))
        let name = QueriedPath(try Self.bytes(name, .stream))
        var segments: [String] = []
        for segment in app.segments.isEmpty ? url.path.segments : app.segments {
            segments.append(try Self.decoded(segment, .app))
        }
        for segment in name.segments { segments.append(try Self.decoded(segment, .stream)) }
        var override: String?
        if let value = name.vhost ?? app.vhost ?? url.path.vhost { override = try Self.decoded(value, .vhost) }
        let host = try Self.decoded(url.host, .vhost)
        key = try StreamKey(
            vhost: VirtualHost.resolve(host: host, override: override), segments: segments, limits: limits)
        var queries = [name.query, app.query]
        if url.path.query != app.query { queries.append(url.path.query) }
        let joined = Array(queries.filter { !$0.isEmpty }.joined(separator: [UInt8(ascii: "&")]))
        query = String(decoding: joined, as: UTF8.self)
    }

    /// The bytes of a text, without blanks and line ends around it.
    private static func bytes(_ text: AMFString?, _ part: StreamKeyError.Part) throws(StreamKeyError) -> Piece {
        guard let text else { return [] }
        guard let string = text.string else { throw .notUTF8(part) }
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let bytes = Array(string.utf8)
        guard let first = bytes.firstIndex(where: { !isBlank($0) }) else { return [] }
        let last = bytes.lastIndex { !isBlank($0) } ?? first
        return bytes[first...last]
    }

    /// `...vhost...` is SRS's older way to write `?vhost=`.
    fileprivate static func modern(_ text: Piece) -> Piece {
        guard let place = text.firstPlace(of: "...vhost...") else { return text }
        return text[..<place.lowerBound] + Array("?vhost=".utf8) + text[place.upperBound...]
    }

    private static func decoded(_ text: Piece, _ part: StreamKeyError.Part) throws(StreamKeyError) -> String {
        var bytes: [UInt8] = []
        var position = text.startIndex
        while position < text.endIndex {
            if text[position] == UInt8(ascii: "%"), position + 2 < text.endIndex,
                let high = hexValue(text[position + 1]), let low = hexValue(text[position + 2])
            {
                bytes.append(high << 4 | low)
                position += 3
            } else {
                bytes.append(text[position])
                position += 1
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(part) }
        return decoded
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Part of a text. Bytes, since characters would hide a slash that a combining mark follows.
private typealias Piece = ArraySlice<UInt8>

extension Piece {
    fileprivate func firstPlace(of text: StaticString) -> Range<Int>? {
        let sought = "\(text)".utf8
        return indices.first { self[$0...].starts(with: sought) }.map { $0..<$0 + sought.count }
    }
}

/// A path and what follows its first `?`.
private struct QueriedPath {
    /// Without the empty ones; still encoded.
    let segments: [Piece]
    let query: Piece

    init(_ text: Piece) {
        let mark = text.firstIndex(of: UInt8(ascii: "?")) ?? text.endIndex
        segments = text[..<mark].split(separator: UInt8(ascii: "/"))
        query = text[mark...].dropFirst()
    }

    /// The value of the first `vhost=` that has one; still encoded.
    var vhost: Piece? {
        for item in query.split(whereSeparator: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "?") }) {
            guard let name = item.firstPlace(of: "vhost="), name.lowerBound == item.startIndex else { continue }
            if name.upperBound < item.endIndex { return item[name.upperBound...] }
        }
        return nil
    }
}

/// Host and path of a `tcUrl`. There is nothing that is no URL: what has no scheme begins with its host.
private struct ConnectURL {
    /// With a port perhaps, without a user's name and password.
    let host: Piece
    let path: QueriedPath

    init(_ text: Piece) {
        var rest = StreamAddress.modern(text)
        if let scheme = rest.firstPlace(of: "://"), rest.firstIndex(of: UInt8(ascii: "/")) == scheme.lowerBound + 1 {
            rest = rest[scheme.upperBound...]
        }
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = rest[..<end]
        host = authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] } ?? authority
        path = QueriedPath(rest[end...])
    }
}
