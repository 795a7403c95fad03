import Reactor
import Telemetry

/// What everything of one client stands on.
struct RedisParts {
    let loop: EventLoop
    let resolver: Resolver
    let log: Logger
    let meter: RedisMeter

    func link(
        _ locator: any RedisLocator, _ session: RedisSession, onMessage: ((RedisMessage) -> Void)? = nil
    ) -> RedisLink {
        RedisLink(
            locator, session: session, on: loop, resolver: resolver, log: log, meter: meter, onMessage: onMessage)
    }
}

extension RedisSettings {
    func makeTopology(_ parts: RedisParts) -> any RedisTopology {
        switch deployment {
        case .single(let endpoint):
            // Behind one name there may be another server after a failover.
            let link = parts.link(FixedLocator(endpoint), session)
            link.needsPrimary = true
            return link
        case .sentinel(let sentinels, let master):
            let (link, follower) = makeFollowingLink(parts, SentinelDirectory(sentinels, master: master))
            return SentinelTopology(link, follower: follower)
        case .cluster(let seeds):
            var limits = ClusterTopology.Limits()
            limits.patience = session.limits.commandTimeout
            return ClusterTopology(seeds: seeds, on: parts.loop, limits: limits, log: parts.log, meter: parts.meter) {
                [session] node in parts.link(FixedLocator(node), session)
            }
        }
    }

    func makeSubscriberLink(
        _ parts: RedisParts, onMessage: @escaping (RedisMessage) -> Void
    ) -> (link: RedisLink, follower: SentinelFollower?) {
        switch deployment {
        case .single(let endpoint): return (parts.link(FixedLocator(endpoint), session, onMessage: onMessage), nil)
        case .sentinel(let sentinels, let master):
            let directory = SentinelDirectory(sentinels, master: master)
            return makeFollowingLink(parts, directory, onMessage: onMessage)
        case .cluster(let seeds):
            let locator = ClusterLocator(seeds, session: brief(session), on: parts.loop, resolver: parts.resolver)
            return (parts.link(locator, session, onMessage: onMessage), nil)
        }
    }

    /// A link to the primary, and what keeps it there.
    private func makeFollowingLink(
        _ parts: RedisParts, _ directory: SentinelDirectory, onMessage: ((RedisMessage) -> Void)? = nil
    ) -> (link: RedisLink, follower: SentinelFollower) {
        var quick = session
        // Another server may be the primary by now: sentinels are asked more often than one would be that has gone.
        quick.limits.backoff.longest = min(session.limits.backoff.longest, .seconds(1))
        var guarding = brief(session)
        guarding.credentials = sentinelCredentials
        guarding.database = 0
        let locators = (0..<2).map { _ in
            SentinelLocator(directory, session: guarding, on: parts.loop, resolver: parts.resolver)
        }
        let subscriber = RedisSubscriber([RedisPrimaryChange.channel]) { onMessage in
            (parts.link(SentinelTurns(directory), guarding, onMessage: onMessage), nil)
        }
        let link = parts.link(locators[0], quick, onMessage: onMessage)
        return (link, SentinelFollower(link, directory, locator: locators[1], subscriber: subscriber))
    }

    /// For servers of which there are others: one that says nothing does not hold everybody up.
    private func brief(_ session: RedisSession) -> RedisSession {
        var brief = session
        brief.limits.connectTimeout = min(session.limits.connectTimeout, .seconds(1))
        brief.limits.commandTimeout = min(session.limits.commandTimeout, .seconds(1))
        return brief
    }
}
