import Bytes
package import Reactor
package import Telemetry

/// A connection that comes back by itself.
///
///     stopped ──start──► locating ──► connecting ──► up
///                            ▲             │         │
///                            └── pausing ◄─┴─────────┘
///
/// While it is not up commands fail at once with `.unavailable`: nothing is kept for later. The loop keeps a link that
/// was started until `stop`.
package final class RedisLink {
    private enum State {
        case stopped
        case locating
        case connecting(RedisConnection)
        case up(RedisConnection)
        case pausing(TimerID)
    }

    package weak var observer: (any RedisObserver)?

    package let loop: EventLoop
    package let session: RedisSession
    /// Whether a server that is no primary is given up: the next connection may find another one at its place. Commands
    /// that it refuses are `.unavailable`.
    package var needsPrimary = false
    private let locator: any RedisLocator
    private let resolver: Resolver
    private let log: Logger
    private let meter: RedisMeter
    private let onMessage: ((RedisMessage) -> Void)?
    private var random: any RandomNumberGenerator

    private var state = State.stopped
    /// Attempts that have failed in a row, and connections that did not last.
    private var failures = 0
    private var upSince = Instant(nanoseconds: 0)
    /// What a locator answers after a stop, or twice, is for nobody.
    private var attempt: UInt64 = 0
    private var complaints = RepeatGate(interval: .seconds(10))
    private var greetings = RepeatGate()

    /// `onMessage` makes it a subscriber's. `random` decides the jitter.
    package init(
        _ locator: any RedisLocator, session: RedisSession, on loop: EventLoop, resolver: Resolver, log: Logger,
        meter: RedisMeter, random: any RandomNumberGenerator = SystemRandomNumberGenerator(),
        onMessage: ((RedisMessage) -> Void)? = nil
    ) {
        self.locator = locator
        self.session = session
        self.loop = loop
        self.resolver = resolver
        self.log = log
        self.meter = meter
        self.random = random
        self.onMessage = onMessage
    }

    package var isUp: Bool { if case .up = state { true } else { false } }

    /// Where it is connected to, or about to be.
    package var endpoint: RedisEndpoint? {
        switch state {
        case .connecting(let connection), .up(let connection): connection.endpoint
        case .stopped, .locating, .pausing: nil
        }
    }

    /// Gives the connection up, for a reason that the owner knows better, and connects anew. It counts as a failure.
    package func drop(_ reason: RedisDisconnect) {
        switch state {
        case .connecting(let connection), .up(let connection): connection.close(reason)
        case .stopped, .locating, .pausing: break
        }
    }

    /// Answers a command that is not to be sent, as it does while it is not up.
    func refuse(_ then: @escaping (Result<RedisReply, RedisFailure>) -> Void) {
        meter.ended(.failure(.unavailable), from: loop.now, to: loop.now)
        loop.afterRound { then(.failure(.unavailable)) }
    }
}

// MARK: - As all there is of a client

extension RedisLink: RedisTopology {
    package func start() {
        guard case .stopped = state else { return }
        failures = 0
        locate()
    }

    package func stop() {
        let last = state
        state = .stopped
        attempt += 1
        switch last {
        case .stopped: return
        case .locating: locator.cancel()
        case .connecting(let connection): connection.close()
        case .up(let connection):
            meter.wentDown()
            connection.close()
        case .pausing(let timer): loop.cancel(timer)
        }
    }

    package func send(
        _ command: RedisCommand, key: RedisKey?, then: @escaping (Result<RedisReply, RedisFailure>) -> Void
    ) {
        send(command, then: then)
    }

    package func send(_ command: RedisCommand, then: @escaping (Result<RedisReply, RedisFailure>) -> Void) {
        guard case .up(let connection) = state else { return refuse(then) }
        let began = loop.now
        meter.waiting.add()
        connection.send(command) { [meter, loop] result in
            meter.waiting.subtract()
            meter.ended(result, from: began, to: loop.now)
            then(self.needsPrimary ? self.judged(result, of: connection) : result)
        }
    }

    private func judged(
        _ result: Result<RedisReply, RedisFailure>, of connection: RedisConnection
    ) -> Result<RedisReply, RedisFailure> {
        guard case .failure(.refused(let error)) = result else { return result }
        switch RedisRedirection(error, asked: connection.endpoint) {
        case .readOnly, .primaryLost: leave(connection)
        case .loading: break
        case .moved, .ask, .tryAgain, .clusterDown, nil: return result
        }
        // It has not been carried out, and may be elsewhere or later.
        return .failure(.unavailable)
    }

    /// Gives the server up that is connected now, after all that it has answered already.
    func leave() {
        if case .up(let connection) = state { leave(connection) }
    }

    private func leave(_ connection: RedisConnection) {
        loop.afterRound { [self] in
            if case .up(let current) = state, current === connection { connection.close(.notPrimary) }
        }
    }
}

// MARK: - Coming back

extension RedisLink: RedisConnectionOwner, TimerTarget {
    private func locate() {
        state = .locating
        attempt += 1
        let attempt = attempt
        locator.locate { answer in
            guard self.attempt == attempt, case .locating = self.state else { return }
            switch answer {
            case .success(let endpoint): self.connect(to: endpoint)
            case .failure(let reason): self.failed(reason, nil)
            }
        }
    }

    private func connect(to endpoint: RedisEndpoint) {
        let connection = RedisConnection(to: endpoint, session: session, on: loop, owner: self, onMessage: onMessage)
        state = .connecting(connection)
        connection.connect(resolver: resolver)
    }

    package func opened(_ connection: RedisConnection) {
        guard case .connecting(let current) = state, current === connection else { return }
        state = .up(connection)
        upSince = loop.now
        meter.wentUp()
        log.info("redis is up", every: &greetings, at: loop.now, ["server": "\(connection.endpoint)"])
        observer?.redisIsUp()
    }

    package func ended(_ connection: RedisConnection, _ reason: RedisDisconnect) {
        switch state {
        case .up(let current) where current === connection:
            meter.wentDown()
            // One that has lasted was a good one; others are as bad as none, and are not tried again at once.
            if loop.now - upSince >= session.limits.backoff.longest { failures = 0 }
        case .connecting(let current) where current === connection: break
        case .stopped, .locating, .connecting, .up, .pausing: return
        }
        failed(reason, connection.endpoint)
    }

    /// Characters of a reason in the log: a server's words may be many.
    private static let maximumReason = 512

    private func failed(_ reason: RedisDisconnect, _ endpoint: RedisEndpoint?) {
        guard !reason.isShutdown else {
            state = .stopped
            return
        }
        failures += 1
        meter.failures.add()
        let pause = session.limits.backoff.pause(afterFailures: failures, draw: random.next())
        state = .pausing(loop.arm(after: pause, self))
        log.log(
            reason.needsOperator ? .error : .warning, "redis is down", every: &complaints, at: loop.now,
            [
                "server": endpoint.map { "\($0)" }, "reason": String("\(reason)".prefix(Self.maximumReason)),
                "failures": failures,
            ])
        observer?.redisIsDown(reason)
    }

    package func timerFired(_ token: UInt32) {
        guard case .pausing = state else { return }
        locate()
    }
}

extension RedisDisconnect {
    /// Whether it stays like that until somebody changes a configuration.
    fileprivate var needsOperator: Bool { if case .refused = self { true } else { false } }
}
