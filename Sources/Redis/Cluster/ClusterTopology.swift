import Bytes
package import Reactor
package import Telemetry

/// A cluster as one loop sees it: which node has which slot, a link to each, and the commands that look for their node.
///
/// A command goes to the node that has its key's slot. Where that node says that another has it, the command goes
/// there, so that nothing is lost while slots move. While a node is away its slots are `.unavailable` at once; others
/// are not.
///
/// Commands that are redirected may pass others for the same key: who needs an order waits for answers.
package final class ClusterTopology {
    package struct Limits: Sendable {
        /// Of nodes, and so of links; see there.
        package var map = RedisSlotMap.Limits()
        /// How often a command is sent on to another node; beyond, it is `.unavailable`.
        package var maximumRedirections = 5
        /// Commands that wait for a link's first connection, or for the cluster to be ready; beyond, `.full`.
        package var maximumWaiting = 1_024
        /// For how long a command is repeated. The last try has a timeout of its own.
        package var patience: Duration = .seconds(2)
        /// Before a command is repeated that the cluster has put off.
        package var pause: Duration = .milliseconds(50)
        /// From one look at the map to the next, while all is well.
        package var refreshInterval: Duration = .seconds(30)
        /// The same while something is wrong: at least, and at most where nobody answers.
        package var refreshPause: ClosedRange<Duration> = .milliseconds(200) ... .seconds(5)
        /// A link to a node that is not in the map is closed after so long without a command.
        package var idle: Duration = .seconds(10)

        package init() {}
    }

    /// Makes the link to a node, and does not start it.
    package typealias Linker = (RedisEndpoint) -> any RedisTopology

    package weak var observer: (any RedisObserver)?

    package let loop: EventLoop
    package let limits: Limits
    let seeds: [RedisEndpoint]
    let log: Logger
    private let meter: RedisMeter
    private let linker: Linker

    var map: RedisSlotMap
    /// Those that have slots, as far as the map says.
    var primaries: Set<RedisEndpoint> = []
    var nodes: [RedisEndpoint: ClusterNode] = [:]
    var refresh = ClusterRefresh()
    var mapProblems = RepeatGate(interval: .seconds(10))
    private var paused: [ClusterCommand] = []
    private var tick: TimerID?
    private(set) var isRunning = false
    /// Whether the node of every slot is known and connected.
    package private(set) var isUp = false

    package init(
        seeds: [RedisEndpoint], on loop: EventLoop, limits: Limits = Limits(), log: Logger, meter: RedisMeter,
        linker: @escaping Linker
    ) {
        self.seeds = seeds
        self.loop = loop
        self.limits = limits
        self.log = log
        self.meter = meter
        self.linker = linker
        map = RedisSlotMap(limits: limits.map)
    }

    private func takePaused() -> [ClusterCommand] {
        defer { paused = [] }
        return paused
    }
}

extension ClusterTopology: RedisTopology {
    package func start() {
        guard !isRunning else { return }
        isRunning = true
        wantMap()
    }

    package func stop() {
        guard isRunning else { return }
        isRunning = false
        isUp = false
        for timer in [refresh.stop(), tick.take()] { if let timer { loop.cancel(timer) } }
        let closing = nodes.values
        nodes = [:]
        for node in closing { node.stop() }
        for command in takePaused() { fail(command, .unavailable) }
    }

    package func send(
        _ command: RedisCommand, key: RedisKey?, then: @escaping (Result<RedisReply, RedisFailure>) -> Void
    ) {
        let slot = key.map { $0.text.withRawSpan { RedisSlot(of: $0) } }
        route(
            ClusterCommand(
                command, slot: slot, deadline: loop.now + limits.patience, redirections: limits.maximumRedirections,
                then: then))
    }
}

// MARK: - Commands

extension ClusterTopology {
    /// Sends a command to the node that the map says.
    private func route(_ command: ClusterCommand) {
        guard isRunning else { return fail(command, .unavailable) }
        let node = command.slot.map { map[$0] } ?? primaries.filter { nodes[$0]?.state == .up }.randomElement()
        guard let node else {
            wantMap()
            return fail(command, .unavailable)
        }
        deliver(command, to: node)
    }

    func deliver(_ command: ClusterCommand, to endpoint: RedisEndpoint) {
        guard let node = node(at: endpoint) else { return fail(command, .unavailable) }
        if node.state == .opening {
            guard waitingCount < limits.maximumWaiting else {
                return fail(command, .full(maximum: limits.maximumWaiting))
            }
            armTick()
        }
        node.take(command, at: loop.now)
    }

    /// Opens a link where there is none; nil where there are too many.
    @discardableResult
    func node(at endpoint: RedisEndpoint) -> ClusterNode? {
        if let known = nodes[endpoint] { return known }
        guard isRunning, nodes.count < limits.map.maximumNodes else { return nil }
        let node = ClusterNode(endpoint, linker(endpoint), of: self)
        nodes[endpoint] = node
        node.start()
        return node
    }

    private var waitingCount: Int { nodes.values.reduce(paused.count) { $0 + $1.waiting.count } }

    func answered(_ command: ClusterCommand, by node: RedisEndpoint, _ result: RedisResult) {
        guard isRunning, case .failure(.refused(let refusal)) = result,
            let redirection = RedisRedirection(refusal, asked: node)
        else { return command.end(result) }
        switch redirection {
        case .moved(let slot, let target):
            if map.move(slot, to: target) { primaries.insert(target) }
            wantMap()
            redirect(command, to: target)
        case .ask(_, let target):
            command.isAsking = true
            redirect(command, to: target)
        case .tryAgain, .loading: pause(command)
        case .clusterDown, .readOnly, .primaryLost:
            wantMap()
            pause(command)
        }
    }

    private func redirect(_ command: ClusterCommand, to node: RedisEndpoint) {
        guard command.redirectionsLeft > 0, loop.now < command.deadline else { return fail(command, .unavailable) }
        command.redirectionsLeft -= 1
        deliver(command, to: node)
    }

    /// Repeats it in a while.
    private func pause(_ command: ClusterCommand) {
        guard loop.now + limits.pause < command.deadline else { return fail(command, .unavailable) }
        guard waitingCount < limits.maximumWaiting else {
            return fail(command, .full(maximum: limits.maximumWaiting))
        }
        paused.append(command)
        armTick()
    }

    /// Ends a command that no link has: at the end of the round, for its sender may still be on the stack.
    func fail(_ command: ClusterCommand, _ failure: RedisFailure) {
        meter.ended(.failure(failure), from: loop.now, to: loop.now)
        loop.afterRound { command.end(.failure(failure)) }
    }
}

// MARK: - Time and state

extension ClusterTopology: TimerTarget {
    private func armTick() {
        guard tick == nil else { return }
        let share = Double.random(in: 0.8...1.2)
        tick = loop.arm(after: limits.pause * share, self)
    }

    package func timerFired(_ token: UInt32) {
        guard token == 0 else { return askForMap() }
        tick = nil
        for node in nodes.values { node.expire(at: loop.now) }
        for command in takePaused() { route(command) }
        if waitingCount > 0 { armTick() }
    }

    func nodeIsUp() { tellIfUp() }

    func nodeIsDown(_ node: ClusterNode, _ reason: RedisDisconnect) {
        guard isRunning else { return }
        // Who has its slots now, or whether it is a node at all, is known to others.
        wantMap()
        if primaries.contains(node.endpoint) { tellDown(reason) }
    }

    func tellIfUp() {
        guard isRunning, !isUp, map.isComplete, primaries.allSatisfy({ nodes[$0]?.state == .up }) else { return }
        isUp = true
        observer?.redisIsUp()
    }

    func tellDown(_ reason: RedisDisconnect) {
        isUp = false
        observer?.redisIsDown(reason)
    }
}
