import Bytes
import HTTP
import Media
import Reactor

/// What a viewer has asked for, and what an origin is asked for in its place.
struct StreamRequest {
    let key: StreamKey
    let method: Method
    /// Path and query, as the proxy has understood them.
    let target: String
    /// What the viewer called the server: it names the virtual host, and the origin resolves it by the same rules.
    let host: String
    /// Those for the origin.
    let fields: Fields
    let isWebSocket: Bool

    /// What one that names no host is passed on with: a name that, like none, means no virtual host. The origin's own
    /// name might mean one.
    static let namelessHost = "localhost"

    /// Nil where the path names no stream. `peer` is the viewer's address.
    init?(
        _ request: borrowing RequestHead, from peer: SocketAddress.Host, isSecure: Bool, passing mark: PassageMark
    ) throws(StreamRequestError) {
        let segments = (0..<request.target.segmentCount).map { request.target.segmentText($0) }
        // What is broken in a query names no virtual host; the rest of it is the origin's to judge.
        let query: Query
        do { query = try request.target.query() } catch { query = Query() }
        var host = ""
        if let authority = request.authority { host = String(copying: authority) }
        do throws(StreamKeyError) {
            guard let path = try StreamPath(segments: segments, host: host, vhost: query["vhost"]),
                Self.isStream(path.ending, depth: segments.count)
            else { return nil }
            key = path.key
        } catch {
            throw .name(error)
        }
        method = request.method
        isWebSocket = request.upgrade == .webSocket
        self.host = host.isEmpty ? Self.namelessHost : host
        var target = ByteWriter(capacity: 128)
        request.target.appendOriginForm(to: &target)
        self.target = String(copying: target.bytes)
        do throws(FieldError) {
            fields = try ForwardedFields.make(
                of: request.fields, request.version, from: peer, host: self.host, isSecure: isSecure, passing: mark)
        } catch {
            throw .fields(error)
        }
    }

    /// Whether it is one answer without an end. Lists and segments are something else, and media files of the pages lie
    /// at the root, where only FLV is a stream.
    private static func isStream(_ ending: StreamPath.Ending, depth: Int) -> Bool {
        switch ending {
        case .flv: true
        case .ts, .mp3, .aac, .mp4: depth > 1
        case .m3u8, .m4s, .mpd: false
        }
    }
}

/// Why a request for a stream is not passed on.
enum StreamRequestError: Error, Equatable {
    case name(StreamKeyError)
    /// With those that the proxy adds, there are too many.
    case fields(FieldError)
}

/// How a viewer gets a stream; what it is made of is the origin's business.
enum StreamForm: String, RelayKind {
    case http
    case webSocket = "websocket"

    static let metricPrefix = "sluice_http_relay"
    static let label = "form"
    static let openHelp = "Streams relayed over HTTP now."
    static let requestsHelp = "Requests for streams over HTTP, by what became of them."
}
