import Bytes
import Reactor

/// One node of a cluster as one loop has it: the link to it, and the commands that wait until it is known whether there
/// is a connection.
final class ClusterNode {
    enum State {
        /// Neither has the first connection been made, nor has it failed.
        case opening
        case up
        case down
    }

    let endpoint: RedisEndpoint
    private(set) var state = State.opening
    /// When a command was last sent, or it was opened.
    private(set) var lastUse: Instant
    private(set) var waiting: [ClusterCommand] = []
    private let topology: ClusterTopology
    private let link: any RedisTopology

    private static let asking = RedisCommand("ASKING")

    init(_ endpoint: RedisEndpoint, _ link: any RedisTopology, of topology: ClusterTopology) {
        self.endpoint = endpoint
        self.link = link
        self.topology = topology
        lastUse = topology.loop.now
    }

    func start() {
        link.observer = self
        link.start()
    }

    /// What waits for the first connection is told, and so is what waits for an answer.
    func stop() {
        state = .down
        link.stop()
        failWaiting()
    }

    /// Sends it, keeps it until the first connection stands, or fails.
    func take(_ command: ClusterCommand, at now: Instant) {
        lastUse = now
        switch state {
        case .up: send(command)
        case .opening: waiting.append(command)
        case .down: topology.fail(command, .unavailable)
        }
    }

    private func send(_ command: ClusterCommand) {
        // On one connection, one behind the other: it holds for the next command alone.
        if command.isAsking { link.send(Self.asking, key: nil) { _ in } }
        command.isAsking = false
        link.send(command.command, key: nil) { [self] result in topology.answered(command, by: endpoint, result) }
    }

    /// Ends commands that have waited for too long.
    func expire(at now: Instant) {
        let late = waiting.filter { $0.deadline <= now }
        guard !late.isEmpty else { return }
        waiting.removeAll { $0.deadline <= now }
        for command in late { topology.fail(command, .unavailable) }
    }

    private func failWaiting() {
        let failed = waiting
        waiting = []
        for command in failed { topology.fail(command, .unavailable) }
    }
}

extension ClusterNode: RedisObserver {
    func redisIsUp() {
        state = .up
        let ready = waiting
        waiting = []
        for command in ready { send(command) }
        topology.nodeIsUp()
    }

    func redisIsDown(_ reason: RedisDisconnect) {
        state = .down
        failWaiting()
        topology.nodeIsDown(self, reason)
    }
}
