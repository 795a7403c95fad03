import Bytes

/// The name of a stream through every protocol: `vhost/app/stream`.
///
/// Each part is text that was decoded once and is safe as a path: no empty, `.` or `..` segments, no control
/// characters, no backslashes, bounded lengths. `app` may have several segments, `stream` is always one, so that
/// however a client splits `live/a/b` between application and name, the key is the same. Equality is that of bytes.
package struct StreamKey: Sendable {
    /// A host name in lower case, or `defaultVhost`.
    package let vhost: String
    package let app: String
    package let stream: String

    /// What streams belong to whose host says nothing.
    package static let defaultVhost = "__defaultVhost__"
    /// The application of a stream that has none.
    package static let defaultApp = "__defaultApp__"

    /// The bounds of a key; names beyond them are refused.
    package struct Limits: Sendable, Hashable {
        /// Of one segment: a file system holds 255, and recordings put a time and an ending behind the name.
        package var maximumSegmentBytes: Int
        /// Of the application, slashes included.
        package var maximumAppBytes: Int
        package var maximumVhostBytes: Int

        package init(maximumSegmentBytes: Int = 192, maximumAppBytes: Int = 384, maximumVhostBytes: Int = 192) {
            self.maximumSegmentBytes = maximumSegmentBytes
            self.maximumAppBytes = maximumAppBytes
            self.maximumVhostBytes = maximumVhostBytes
        }
    }

    /// `vhost` as `VirtualHost` resolved it, and the segments of the path, decoded; empty ones are left out.
    ///
    /// The last segment is the stream. `_definst_`, which Flash servers call an application without an instance, is
    /// left out of the application.
    package init(vhost: String, segments: [String], limits: Limits = Limits()) throws(StreamKeyError) {
        try Self.check(vhost, .vhost, maximum: limits.maximumVhostBytes)
        var segments = segments
        segments.removeAll { $0.isEmpty }
        guard let stream = segments.popLast() else { throw .missingStream }
        try Self.check(stream, .stream, maximum: limits.maximumSegmentBytes)
        segments.removeAll { $0 == "_definst_" }
        for segment in segments { try Self.check(segment, .app, maximum: limits.maximumSegmentBytes) }
        let app = segments.isEmpty ? Self.defaultApp : segments.joined(separator: "/")
        guard app.utf8.count <= limits.maximumAppBytes else {
            throw .tooLong(.app, bytes: app.utf8.count, maximum: limits.maximumAppBytes)
        }
        self.vhost = vhost
        self.app = app
        self.stream = stream
    }

    /// The text form, `vhost/app/stream`; nothing in it is decoded.
    package init(parsing text: String, limits: Limits = Limits()) throws(StreamKeyError) {
        var segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard segments.count >= 3 else { throw .missingStream }
        let vhost = segments.removeFirst()
        try self.init(vhost: vhost, segments: segments, limits: limits)
        // One key has one text.
        guard description.utf8.elementsEqual(text.utf8) else { throw .notCanonical }
    }

    private static func check(_ text: String, _ part: StreamKeyError.Part, maximum: Int) throws(StreamKeyError) {
        guard !text.isEmpty else { throw .empty(part) }
        guard text.utf8.count <= maximum else { throw .tooLong(part, bytes: text.utf8.count, maximum: maximum) }
        guard text != ".", text != ".." else { throw .dotSegment(part) }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0...0x1F, 0x7F...0x9F: throw .controlCharacter(part)
            case 0x2F, 0x5C: throw .slash(part)
            default: continue
            }
        }
    }
}

extension StreamKey: Hashable {
    package static func == (left: StreamKey, right: StreamKey) -> Bool {
        left.stream.utf8.elementsEqual(right.stream.utf8) && left.app.utf8.elementsEqual(right.app.utf8)
            && left.vhost.utf8.elementsEqual(right.vhost.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        // Eight bytes at a time: every look-up of a session's stream comes here. Not by spans of the texts: the
        // optimizer lets those of short ones outlive them.
        var word: UInt64 = 0
        var count = 0
        func add(_ byte: UInt8) {
            word = word << 8 | UInt64(byte)
            count += 1
            if count & 7 == 0 { hasher.combine(word) }
        }
        for byte in vhost.utf8 { add(byte) }
        add(UInt8(ascii: "/"))
        for byte in app.utf8 { add(byte) }
        add(UInt8(ascii: "/"))
        for byte in stream.utf8 { add(byte) }
        hasher.combine(word)
        hasher.combine(count)
    }
}

extension StreamKey {
    /// The stream of this name that belongs to no virtual host.
    package var onDefaultVhost: StreamKey { StreamKey(self, vhost: Self.defaultVhost) }

    private init(_ key: StreamKey, vhost: String) {
        self.vhost = vhost
        app = key.app
        stream = key.stream
    }
}

extension StreamKey: CustomStringConvertible {
    package var description: String { "\(vhost)/\(app)/\(stream)" }
}

/// Why names make no stream key.
package enum StreamKeyError: Error, Equatable {
    package enum Part: UInt8, Sendable, Hashable {
        case vhost
        case app
        case stream
    }

    /// There is no name of a stream.
    case missingStream
    case empty(Part)
    case tooLong(Part, bytes: Int, maximum: Int)
    /// A control character, NUL among them, plain or percent-encoded.
    case controlCharacter(Part)
    /// A segment that is `.` or `..`.
    case dotSegment(Part)
    /// A backslash, or a slash that came percent-encoded.
    case slash(Part)
    /// Bytes that are not UTF-8, plain or percent-encoded.
    case notUTF8(Part)
    /// A text form with empty segments, or with others that a key leaves out.
    case notCanonical
}
