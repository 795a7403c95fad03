import Bytes
import Media
import Reactor
import Registry
import Service

/// A session that goes through this proxy, as far as operators see it.
protocol ListedSession: AnyObject {
    /// What it does now; nil where it does nothing any more.
    var facts: SessionFacts? { get }
    /// Bytes from the client, and to it.
    var totals: ByteRates.Totals { get }

    /// An operator does not want it: it is ended.
    func kick()
}

/// Who a session is of and what it does.
struct SessionFacts: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        case rtmpPublish = "rtmp-publish"
        case rtmpPlay = "rtmp-play"
        case http
        case webSocket = "websocket"

        var isPublisher: Bool { self == .rtmpPublish }
    }

    var kind: Kind
    var key: StreamKey
    /// Of the client.
    var peer: SocketAddress?
    /// Where it is relayed; nil while an origin is looked for.
    var origin: OriginID?
}

/// A session at one moment.
struct SessionSummary: Sendable {
    let id: RosterID
    let facts: SessionFacts
    let age: Duration
    let totals: ByteRates.Totals
    let rates: ByteRates.Kilobits
}

/// Who has a stream through this proxy, on one loop or on all.
struct Audience: Sendable, Equatable {
    var publishers = 0
    var viewers = 0

    static func + (left: Audience, right: Audience) -> Audience {
        Audience(publishers: left.publishers + right.publishers, viewers: left.viewers + right.viewers)
    }
}
