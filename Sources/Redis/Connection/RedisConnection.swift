import Bytes
package import Reactor

/// Who a connection belongs to.
package protocol RedisConnectionOwner: AnyObject {
    /// The opening exchange is over: commands are taken from now on.
    func opened(_ connection: RedisConnection)
    /// Once, and nothing more after it; every command has been answered, or failed. It never comes inside a call that
    /// the owner makes.
    func ended(_ connection: RedisConnection, _ reason: RedisDisconnect)
}

/// One connection to one server, on one loop: pipelined commands whose answers come in order.
///
///     connecting ──► greeting ──► open ──► over
///         └─────────────┴── error, refusal, no answer in time, close ──┘
///
/// Greeting is the opening exchange: AUTH, SELECT and CLIENT SETNAME, sent at once. It keeps itself and its owner alive
/// until it is over.
package final class RedisConnection {
    private enum State {
        case idle
        case connecting(TCPConnector)
        case greeting(TCPConnection)
        case open(TCPConnection)
        case over
    }

    package let endpoint: RedisEndpoint
    package let loop: EventLoop

    private let session: RedisSession
    /// Takes what a server says by itself to a subscriber; nil where this is none.
    private let onMessage: ((RedisMessage) -> Void)?
    private let reader: RedisReader
    private var owner: (any RedisConnectionOwner)?
    private var state = State.idle
    private var waiting = WaitingCommands()
    private var flushIsDue = false
    /// Until then nothing is late: the loop itself was. What was sent before it is excused once.
    private var excuse: Instant?

    package init(
        to endpoint: RedisEndpoint, session: RedisSession, on loop: EventLoop, owner: any RedisConnectionOwner,
        onMessage: ((RedisMessage) -> Void)? = nil
    ) {
        self.endpoint = endpoint
        self.session = session
        self.loop = loop
        self.owner = owner
        self.onMessage = onMessage
        reader = RedisReader(limits: session.limits.reply)
    }

    package var isOpen: Bool { if case .open = state { true } else { false } }

    /// Commands that wait for their answers.
    package var waitingCommands: Int { waiting.count }

    package func connect(resolver: Resolver) {
        guard case .idle = state else { return }
        var limits = TCPConnector.Limits()
        limits.timeout = session.limits.connectTimeout
        state = .connecting(
            TCPConnector.connect(
                to: .host(endpoint.host.description, port: endpoint.port), resolver: resolver, on: loop,
                options: session.options, security: session.role(for: endpoint), limits: limits, handler: self
            ) { outcome in
                if case .failure(let error) = outcome { self.end(.unreachable(error)) }
            })
    }

    /// Gives up: commands that wait hear `.unanswered`, then the owner hears `reason`.
    package func close(_ reason: RedisDisconnect = .stopped) { end(reason) }
}

// MARK: - Commands

extension RedisConnection {
    /// Sends a command; `then` is called once, and never inside this call.
    package func send(_ command: RedisCommand, then: @escaping (Result<RedisReply, RedisFailure>) -> Void) {
        if let failure = refusal(of: command) { return loop.afterRound { then(.failure(failure)) } }
        enqueue(command, then)
    }

    private func refusal(of command: RedisCommand) -> RedisFailure? {
        guard isOpen else { return .unavailable }
        let limits = session.limits
        if waiting.count >= limits.maximumWaiting { return .full(maximum: limits.maximumWaiting) }
        let isLarge = waiting.bytes + command.wire.count > limits.maximumWaitingBytes
        return isLarge && !waiting.isEmpty ? .full(maximum: limits.maximumWaitingBytes) : nil
    }

    private func enqueue(_ command: RedisCommand, _ answer: @escaping WaitingCommands.Answer) {
        guard let tcp else { return }
        let wasIdle = waiting.isEmpty
        waiting.append(WaitingCommands.Entry(bytes: command.wire.count, sent: loop.now, answer: answer))
        if wasIdle { moveDeadline(tcp) }
        tcp.enqueue(command.wire)
        guard !flushIsDue else { return }
        flushIsDue = true
        loop.flushAfterRound(self)
    }

    private var tcp: TCPConnection? {
        switch state {
        case .greeting(let tcp), .open(let tcp): tcp
        case .idle, .connecting, .over: nil
        }
    }

    /// To when the oldest answer is due, or else to when the connection is to be checked.
    private func moveDeadline(_ tcp: TCPConnection) { tcp.deadline = due ?? (loop.now + session.limits.pingInterval) }

    /// When the oldest answer is late.
    private var due: Instant? {
        waiting.oldest.map { max($0 + session.limits.commandTimeout, excuse ?? $0) }
    }
}

extension RedisConnection: OutputGatherer {
    /// Everything that was sent in this round leaves by one system call.
    package func flush() {
        flushIsDue = false
        tcp?.flush()
    }
}

// MARK: - The opening exchange

extension RedisConnection {
    private func greet() {
        let greeting = RedisGreeting(session)
        var left = greeting.steps.count
        guard left > 0 else { return opened() }
        for step in greeting.steps {
            enqueue(step.command) { answer in
                if case .failure(.refused(let error)) = answer, let told = greeting.refusal(of: step.kind, error) {
                    return self.end(.refused(told))
                }
                guard case .greeting = self.state, answer != .failure(.unanswered) else { return }
                left -= 1
                if left == 0 { self.opened() }
            }
        }
    }

    private func opened() {
        guard case .greeting(let tcp) = state else { return }
        state = .open(tcp)
        moveDeadline(tcp)
        owner?.opened(self)
    }
}

// MARK: - What the socket tells

extension RedisConnection: TCPHandler {
    package func connected(_ connection: TCPConnection) {
        guard case .connecting = state else { return connection.abort() }
        state = .greeting(connection)
        greet()
    }

    package func received(_ bytes: RawSpan, on connection: TCPConnection) {
        guard tcp != nil else { return }
        do {
            try reader.read(bytes) { take($0) }
        } catch {
            return end(.malformed(error))
        }
        if let tcp { moveDeadline(tcp) }
    }

    /// Returns whether there is anybody for the next one.
    private func take(_ reply: RedisReply) -> Bool {
        if let onMessage, let message = RedisMessage(reply) {
            onMessage(message)
        } else if let entry = waiting.popFirst() {
            if case .error(let error) = reply {
                entry.answer(.failure(.refused(error)))
            } else {
                entry.answer(.success(reply))
            }
        } else if case .error(let error) = reply {
            // Servers that have no room for a client say so by themselves.
            end(.refused(error))
        } else {
            end(.unasked)
        }
        return tcp != nil
    }

    package func peerFinished(_ connection: TCPConnection) { end(.ended) }

    package func deadlinePassed(_ connection: TCPConnection) {
        guard let tcp else { return }
        guard let due, let oldest = waiting.oldest else { return enqueue(RedisCommand("PING")) { _ in } }
        let lateness = loop.now - due
        let isExcused = excuse.map { oldest < $0 } ?? false
        if lateness > Self.slack, !isExcused {
            // Nobody looked: answers may be there, and commands may not have left.
            excuse = loop.now + min(lateness, session.limits.commandTimeout)
        } else if lateness >= .zero {
            return end(.late(session.limits.commandTimeout))
        }
        moveDeadline(tcp)
    }

    /// By which a deadline may pass late on a loop that has much to do.
    private static let slack = Duration.milliseconds(100)

    package func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { end(.broken(reason)) }

    /// Everybody is told at the end of the round: those who wait, in their order, then the owner.
    private func end(_ reason: RedisDisconnect) {
        switch state {
        case .over: return
        case .idle: break
        case .connecting(let connector): connector.cancel()
        case .greeting(let tcp), .open(let tcp): tcp.abort()
        }
        state = .over
        let left = waiting.takeAll()
        let owner = owner.take()
        loop.afterRound {
            for entry in left { entry.answer(.failure(.unanswered)) }
            owner?.ended(self, reason)
        }
    }
}
