package import Reactor
package import Telemetry

/// Hears what is published. Called on the loop.
package protocol RedisSubscriberObserver: AnyObject {
    /// Every channel is subscribed to: what is published from now on will come, until `lost`.
    func subscribed()
    /// Something may be missed from now on, and may have been for as long as it took to notice. While it is so this may
    /// be told again, for every attempt that fails.
    func lost(_ reason: RedisDisconnect)
    func received(_ message: RedisMessage)
}

/// A connection of its own for what is published on some channels; it subscribes anew whenever it has come back.
///
/// Nothing is kept here: a message goes to the observer at once. Its owner keeps it, and ends it by `stop`.
package final class RedisSubscriber {
    package static let maximumChannels = 256

    package weak var observer: (any RedisSubscriberObserver)? {
        get { receiver.observer }
        set { receiver.observer = newValue }
    }

    /// Whether nothing is missed now.
    package private(set) var isSubscribed = false

    private let channels: [String]
    private let link: RedisLink
    /// Keeps the link with the primary, where there are sentinels.
    private let follower: SentinelFollower?
    private let receiver: Receiver
    /// Tells the subscriptions of one connection from those of the one before.
    private var connections: UInt64 = 0

    /// Gets messages before the subscriber exists that it belongs to.
    private final class Receiver {
        weak var observer: (any RedisSubscriberObserver)?
    }

    /// At most `maximumChannels`, and one at least.
    package convenience init(
        _ channels: [String], _ settings: RedisSettings, on loop: EventLoop, resolver: Resolver, log: Logger,
        meter: RedisMeter
    ) {
        let parts = RedisParts(loop: loop, resolver: resolver, log: log, meter: meter)
        self.init(channels) { onMessage in settings.makeSubscriberLink(parts, onMessage: onMessage) }
    }

    /// `makeLink` is given what its messages go to.
    init(
        _ channels: [String],
        makeLink: (@escaping (RedisMessage) -> Void) -> (link: RedisLink, follower: SentinelFollower?)
    ) {
        precondition((1...Self.maximumChannels).contains(channels.count), "a subscriber has some channels")
        self.channels = channels
        let receiver = Receiver()
        self.receiver = receiver
        (link, follower) = makeLink { receiver.observer?.received($0) }
    }

    package func start() {
        link.observer = self
        link.start()
        follower?.start()
    }

    package func stop() {
        isSubscribed = false
        connections += 1
        follower?.stop()
        link.stop()
    }
}

extension RedisSubscriber: RedisObserver {
    package func redisIsUp() {
        connections += 1
        let connection = connections
        var left = channels.count
        for channel in channels {
            // One for each: a server answers to every channel, and answers are told apart by their order.
            link.send(RedisCommand("SUBSCRIBE", RedisWord(channel))) { result in
                guard self.connections == connection else { return }
                switch result {
                case .success:
                    left -= 1
                    if left == 0 { self.begun() }
                case .failure(.refused(let error)): self.link.drop(.refused(error))
                // The link tells of the end by itself.
                case .failure: break
                }
            }
        }
    }

    private func begun() {
        isSubscribed = true
        observer?.subscribed()
    }

    package func redisIsDown(_ reason: RedisDisconnect) {
        isSubscribed = false
        connections += 1
        observer?.lost(reason)
    }
}
