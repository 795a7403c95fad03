import RTMP
import RTMPTransport
import Reactor
import Registry

/// What the RTMP relays of one loop share.
struct RelayContext {
    let routing: StreamRouting
    let claims: ClaimKeeper
    let resolver: Resolver
    let settings: ServerSettings
    let meter: RelayMeter<RelayPurpose>
    let watch: RelayWatch
    let sessions: LoopSessions
    let passage: PassageGuard
    let notices = RelayNotices()
    var limits = RelayLimits()

    /// Of connections to origins: a player that waits for a publisher is silent for as long as that takes. An origin
    /// that takes nothing more of a publisher for ten to twenty seconds is of no use to it; another one may be.
    static let originTCP: TCPOptions = {
        var timeouts = RTMPServer.Options.usualTCP.timeouts
        timeouts.write = .seconds(10)
        return TCPOptions(timeouts: timeouts)
    }()
}

/// What a session may cost until it is relayed, and while it looks for its stream.
struct RelayLimits: Sendable {
    /// Origins that are tried for one session.
    var maximumTries = 5
    /// From the start of a connect to the origin's answer to publish or play.
    var originTimeout = Duration.seconds(10)
    /// For a whole search, however many origins hang. One that hangs is passed over with a third of it left for others,
    /// and clients give up by themselves after 20 to 30 s: this is soon enough to tell them why.
    var searchTimeout = Duration.seconds(15)
    /// From the answer until it is believed: who has hung up by then has refused.
    var settlingTime = Duration.milliseconds(15)

    /// For so long an origin is looked for again where a player's has gone: about as long as one takes to start.
    var rejoinTimeout = Duration.seconds(10)
    /// Origins that may go one after the other, each within `rejoinTimeout`, before the player is given up: somebody
    /// there does not want it.
    var maximumRejoins = 3
    /// Looks of `RelayWatch` for which a player may be in the middle of a message that nobody goes on with.
    var maximumPatience = 5
    /// From the end of a stream, as the client wants it, to the end of the message that it is being sent.
    var stopTimeout = Duration.seconds(5)
}
