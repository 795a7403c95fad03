import Bytes
import Media
import Service

/// A connection that publishes or plays, as far as operators see it.
protocol ListedClient: AnyObject {
    /// What it does now; nil where it does neither any more.
    var facts: ClientFacts? { get }
    var totals: ByteRates.Totals { get }

    /// An operator does not want it: it is ended.
    func kick()
}

/// Who a client is and what it does.
struct ClientFacts: Sendable, Equatable {
    /// As SRS names them.
    enum Kind: String, Sendable {
        case publisher = "fmle-publish"
        case player = "rtmp-play"
        case viewer = "flv-play"
    }

    var kind: Kind
    var key: StreamKey
    /// Without a port.
    var address: String
    var tcURL = ""
    var pageURL = ""
    var swfURL = ""
}

/// A client at one moment.
struct ClientSummary: Sendable {
    let id: RosterID
    let facts: ClientFacts
    let alive: Duration
    let totals: ByteRates.Totals
    let rates: ByteRates.Kilobits
}

/// What a stream's publisher is known by besides its frames.
struct PublishedStream {
    let publication: Publication
    let publisher: RosterID
    let tcURL: String
}

/// A stream at one moment, as the loop of its publisher sees it.
struct StreamSummary: Sendable {
    let id: RosterID
    let key: StreamKey
    let publisher: RosterID
    let tcURL: String
    let live: Duration
    let frames: UInt64
    let video: VideoFacts?
    let audio: AudioFacts?
    /// What was sent to viewers that have gone; those that are there are counted where they are.
    var totals: ByteRates.Totals
    var rates: ByteRates.Kilobits
    /// The publisher is one of them.
    var clients = 1

    mutating func add(_ audience: Audience) {
        clients += audience.viewers
        totals.sent += audience.sent
        rates.sent += audience.sentRate
    }
}

/// The viewers of one stream on one loop.
struct Audience: Sendable, Equatable {
    var viewers = 0
    /// Bytes given to viewers since the loop has had any.
    var sent: UInt64 = 0
    /// In kbit/s.
    var sentRate: UInt64 = 0
}
