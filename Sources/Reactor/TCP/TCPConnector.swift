/// Connects to whichever address of a destination answers first (RFC 8305).
///
///     resolving ──► racing ──► done
///
/// Addresses are tried in order, each given a head start of `Limits.stagger` before the next joins in; a failure starts
/// the next at once. The first connection that stands (after its TLS handshake, where it has one) wins, the others are
/// aborted. It keeps itself alive until it is done.
package final class TCPConnector {
    package struct Limits: Sendable {
        /// The head start of an address over the next: RFC 8305 §5 recommends 250 ms and wants 100 ms to 2 s.
        package var stagger: Duration = .milliseconds(250)
        /// For everything together, the name's resolution included.
        package var timeout: Duration = .seconds(10)
        /// Addresses tried; the rest is ignored.
        package var maximumAddresses = 16

        package init() {}
    }

    package enum Destination: Equatable, Sendable {
        /// A host name or a literal address.
        case host(String, port: UInt16)
        /// Tried in this order.
        case addresses([SocketAddress])
    }

    package typealias Outcome = Result<TCPConnection, TCPConnectError>

    private enum State {
        case resolving(Resolution?)
        case racing
        case done
    }

    private enum Timer {
        static let stagger: UInt32 = 0
        static let overall: UInt32 = 1
    }

    private let loop: EventLoop
    private let options: TCPOptions
    private let security: TCPSecurityRole
    private let limits: Limits
    private let handler: any TCPHandler
    private var then: ((Outcome) -> Void)?

    private var state = State.resolving(nil)
    private var waiting: ArraySlice<SocketAddress> = []
    private var racing: [Runner] = []
    private var failed: [TCPConnectError.Attempt] = []
    private var staggerTimer: TimerID?
    private var overallTimer: TimerID?

    private init(
        loop: EventLoop, options: TCPOptions, security: TCPSecurityRole, limits: Limits, handler: any TCPHandler,
        then: @escaping (Outcome) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.security = security
        self.limits = limits
        self.handler = handler
        self.then = then
    }

    /// Starts. On success `handler` has the connection and hears `connected`, then `then` is called with it; on failure
    /// `handler` hears nothing. `then` is called once and never inside this call.
    @discardableResult
    package static func connect(
        to destination: Destination, resolver: Resolver, on loop: EventLoop, options: TCPOptions,
        security: TCPSecurityRole = .none, limits: Limits = Limits(), handler: any TCPHandler,
        then: @escaping (Outcome) -> Void
    ) -> TCPConnector {
        let connector = TCPConnector(
            loop: loop, options: options, security: security, limits: limits, handler: handler, then: then)
        connector.overallTimer = loop.arm(after: limits.timeout, connector, token: Timer.overall)
        switch destination {
        case .addresses(let addresses): connector.race(addresses)
        case .host(let name, let port): connector.resolve(name, port, resolver)
        }
        return connector
    }

    /// Gives up: `then` hears `.cancelled`, unless it has been called.
    package func cancel() { fail(.cancelled) }
}

// MARK: - The race

extension TCPConnector {
    private func resolve(_ name: String, _ port: UInt16, _ resolver: Resolver) {
        let resolution = resolver.resolve(name, port: port, on: loop) { answer in
            guard case .resolving = self.state else { return }
            switch answer {
            case .success(let addresses): self.race(addresses.alternatingFamilies())
            case .failure(.shutDown): self.fail(.shutDown)
            case .failure(let error): self.fail(.resolution(error))
            }
        }
        state = .resolving(resolution)
    }

    private func race(_ addresses: [SocketAddress]) {
        state = .racing
        waiting = addresses.prefix(limits.maximumAddresses)
        if waiting.isEmpty { fail(.noAddress) } else { startNext() }
    }

    /// Lets the next address join in; those that cannot even start are passed over.
    private func startNext() {
        if let staggerTimer { loop.cancel(staggerTimer) }
        staggerTimer = nil
        while let address = waiting.popFirst() {
            let runner = Runner(address: address, connector: self)
            do throws(TCPCloseReason) {
                runner.connection = try open(address, runner)
                racing.append(runner)
                if !waiting.isEmpty { staggerTimer = loop.arm(after: limits.stagger, self, token: Timer.stagger) }
                return
            } catch {
                failed.append(TCPConnectError.Attempt(address: address, reason: error))
            }
        }
        if racing.isEmpty { fail(.failed(failed)) }
    }

    /// The one place where a connection of the race is made.
    private func open(_ address: SocketAddress, _ runner: Runner) throws(TCPCloseReason) -> TCPConnection {
        try TCPConnection.connect(to: address, on: loop, options: options, security: security, handler: runner)
    }

    fileprivate func won(_ runner: Runner, _ connection: TCPConnection) {
        racing.removeAll { $0 === runner }
        let then = finish()
        connection.handler = handler
        handler.connected(connection)
        then?(.success(connection))
    }

    fileprivate func lost(_ runner: Runner, _ reason: TCPCloseReason) {
        guard case .racing = state else { return }
        racing.removeAll { $0 === runner }
        failed.append(TCPConnectError.Attempt(address: runner.address, reason: reason))
        if reason == .shutdown { return fail(.shutDown) }
        startNext()
    }
}

// MARK: - The end

extension TCPConnector: TimerTarget {
    package func timerFired(_ token: UInt32) {
        switch token {
        case Timer.stagger:
            staggerTimer = nil
            startNext()
        default:
            overallTimer = nil
            let open = racing.map { TCPConnectError.Attempt(address: $0.address, reason: nil) }
            fail(.timeout(failed + open))
        }
    }

    private func fail(_ error: TCPConnectError) {
        guard let then = finish() else { return }
        loop.afterRound { then(.failure(error)) }
    }

    /// Stops everything that is still going on, and gives the one who is to be told; nil after the first time.
    private func finish() -> ((Outcome) -> Void)? {
        if case .resolving(let resolution?) = state { resolution.cancel() }
        state = .done
        for timer in [staggerTimer, overallTimer] { if let timer { loop.cancel(timer) } }
        staggerTimer = nil
        overallTimer = nil
        waiting = []
        for runner in racing { runner.stop() }
        racing = []
        return then.take()
    }
}

extension TCPConnector {
    /// The same for a task on a loop. Cancelling the task gives up, with `.cancelled`.
    package static func connect(
        to destination: Destination, resolver: Resolver, on actor: isolated LoopActor, options: TCPOptions,
        security: TCPSecurityRole = .none, limits: Limits = Limits(), handler: any TCPHandler
    ) async throws(TCPConnectError) -> TCPConnection {
        let outcome: Outcome = await actor.wait { loop, finished in
            let connector = connect(
                to: destination, resolver: resolver, on: loop, options: options, security: security, limits: limits,
                handler: handler, then: finished)
            return { connector.cancel() }
        }
        return try outcome.get()
    }
}

/// One address in the race.
private final class Runner: TCPHandler {
    let address: SocketAddress
    var connection: TCPConnection?
    private var connector: TCPConnector?

    init(address: SocketAddress, connector: TCPConnector) {
        self.address = address
        self.connector = connector
    }

    func stop() {
        connector = nil
        connection?.handler = nil
        connection?.abort()
        connection = nil
    }

    func connected(_ connection: TCPConnection) {
        self.connection = nil
        connector.take()?.won(self, connection)
    }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
        self.connection = nil
        connector.take()?.lost(self, reason)
    }

    /// Cannot come: `connected` is told before anything else, and changes the handler.
    func received(_ bytes: RawSpan, on connection: TCPConnection) {}
}
