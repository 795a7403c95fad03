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

    /// Origins that are tried for one session.
    static let maximumTries = 5
    /// From the start of a connect to the origin's answer to publish or play.
    static let originTimeout = Duration.seconds(10)
    /// From the answer until it is believed: who has hung up by then has refused.
    static let settlingTime = Duration.milliseconds(15)

    /// Of connections to origins: a player that waits for a publisher is silent for as long as that takes.
    static let originTCP = RTMPServer.Options.usualTCP
}
