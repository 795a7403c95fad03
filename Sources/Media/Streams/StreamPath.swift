/// The stream that the path of an HTTP request names, and in which form it is wanted: `/app/stream.flv`.
package struct StreamPath: Sendable, Equatable {
    /// What a name may end in; the ending is no part of the name.
    package enum Ending: String, Sendable, CaseIterable {
        case flv
        case ts
        case mp3
        case aac
        case mp4
        case m3u8
        case m4s
        case mpd
    }

    package let key: StreamKey
    package let ending: Ending

    /// Nil for a path that ends in none of them, which names no stream.
    ///
    /// `segments` are decoded; `host` is what the client called the server, `vhost` what its query says.
    package init?(segments: [String], host: String, vhost: String?) throws(StreamKeyError) {
        guard let last = segments.last, let dot = last.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let name = last.utf8[..<dot]
        guard let ending = Ending(rawValue: String(last[last.utf8.index(after: dot)...]).lowercased()) else {
            return nil
        }
        guard !name.isEmpty else { throw .missingStream }
        self.ending = ending
        key = try StreamKey(
            vhost: VirtualHost.resolve(host: host, override: vhost),
            segments: segments.dropLast() + [String(decoding: name, as: UTF8.self)])
    }
}
