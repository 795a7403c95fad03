import Bytes
import Reactor
import Telemetry

/// Keeps a link with the primary: gives its connection up when a sentinel says that another server is the primary now.
///
/// Notices come from one sentinel at a time. Whenever the subscription stands anew, one is asked what may have been
/// missed.
final class SentinelFollower {
    private let link: RedisLink
    private let directory: SentinelDirectory
    private let locator: SentinelLocator
    private let subscriber: RedisSubscriber

    init(_ link: RedisLink, _ directory: SentinelDirectory, locator: SentinelLocator, subscriber: RedisSubscriber) {
        self.link = link
        self.directory = directory
        self.locator = locator
        self.subscriber = subscriber
    }

    func start() {
        subscriber.observer = self
        subscriber.start()
    }

    func stop() {
        subscriber.stop()
        locator.cancel()
    }

    private func isPrimary(_ endpoint: RedisEndpoint) {
        guard let present = link.endpoint, present != endpoint else { return }
        link.drop(.notPrimary)
    }
}

extension SentinelFollower: RedisSubscriberObserver {
    func subscribed() {
        locator.cancel()
        locator.locate { [weak self] answer in
            if case .success(let endpoint) = answer { self?.isPrimary(endpoint) }
        }
    }

    func lost(_ reason: RedisDisconnect) {}

    func received(_ message: RedisMessage) {
        guard let change = RedisPrimaryChange(message: message.payload.bytes), change.name == directory.master else {
            return
        }
        isPrimary(change.primary)
    }
}
