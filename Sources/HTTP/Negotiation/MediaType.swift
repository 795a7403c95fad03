import Bytes

/// The media type of a file, told by the end of its name.
package struct MediaType: Sendable {
    /// What goes into `Content-Type`, with a charset for text.
    package let text: StaticString

    /// Whether gzip makes it smaller: text does, media is compressed already.
    package let isCompressible: Bool

    package static let octets = MediaType(text: "application/octet-stream", isCompressible: false)

    private init(text: StaticString, isCompressible: Bool) {
        self.text = text
        self.isCompressible = isCompressible
    }

    private static func text(_ type: StaticString) -> MediaType { MediaType(text: type, isCompressible: true) }

    private static func media(_ type: StaticString) -> MediaType { MediaType(text: type, isCompressible: false) }

    /// The type of the file called `name`, in any case; `octets` where its extension says nothing.
    package init(fileName name: RawSpan) {
        var dot = name.byteCount - 1
        while dot >= 0, name[dot] != UInt8(ascii: ".") { dot -= 1 }
        guard dot >= 0, name.byteCount - dot <= 12 else {
            self = .octets
            return
        }
        var lowered = ""
        for position in (dot + 1)..<name.byteCount {
            lowered.unicodeScalars.append(Unicode.Scalar(name[position].lowercased))
        }
        self = Self.byExtension[lowered] ?? .octets
    }

    private static let byExtension: [String: MediaType] = [
        // Streams and what describes them
        "m3u8": text("application/vnd.apple.mpegurl"),
        "mpd": text("application/dash+xml"),
        "ts": media("video/mp2t"),
        "m2ts": media("video/mp2t"),
        "mp4": media("video/mp4"),
        "m4v": media("video/mp4"),
        "m4s": media("video/iso.segment"),
        "cmfv": media("video/mp4"),
        "cmfa": media("audio/mp4"),
        "m4a": media("audio/mp4"),
        "flv": media("video/x-flv"),
        "mkv": media("video/x-matroska"),
        "webm": media("video/webm"),
        "mov": media("video/quicktime"),
        "mp3": media("audio/mpeg"),
        "aac": media("audio/aac"),
        "ogg": media("audio/ogg"),
        "opus": media("audio/ogg"),
        "wav": media("audio/wav"),
        "flac": media("audio/flac"),
        "vtt": text("text/vtt; charset=utf-8"),
        "srt": text("application/x-subrip; charset=utf-8"),
        "sdp": text("application/sdp"),
        "key": media("application/octet-stream"),
        // Pages
        "html": text("text/html; charset=utf-8"),
        "htm": text("text/html; charset=utf-8"),
        "css": text("text/css; charset=utf-8"),
        "js": text("text/javascript; charset=utf-8"),
        "mjs": text("text/javascript; charset=utf-8"),
        "json": text("application/json"),
        "map": text("application/json"),
        "webmanifest": text("application/manifest+json"),
        "xml": text("application/xml"),
        "txt": text("text/plain; charset=utf-8"),
        "md": text("text/markdown; charset=utf-8"),
        "csv": text("text/csv; charset=utf-8"),
        "wasm": text("application/wasm"),
        // Pictures and fonts
        "svg": text("image/svg+xml"),
        "png": media("image/png"),
        "jpg": media("image/jpeg"),
        "jpeg": media("image/jpeg"),
        "gif": media("image/gif"),
        "webp": media("image/webp"),
        "avif": media("image/avif"),
        "ico": media("image/x-icon"),
        "woff": media("font/woff"),
        "woff2": media("font/woff2"),
        "ttf": media("font/ttf"),
        // Archives and documents
        "pdf": media("application/pdf"),
        "zip": media("application/zip"),
        "gz": media("application/gzip"),
        "tar": text("application/x-tar"),
    ]
}
