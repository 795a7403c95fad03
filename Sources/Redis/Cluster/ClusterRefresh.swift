import Bytes
import Reactor
import Telemetry

/// How far the search for a map has come.
///
///     idle ──► armed ──► asking ──┐
///       ▲        ▲                │
///       └────────┴────────────────┘
struct ClusterRefresh {
    enum State {
        case idle
        case armed(TimerID, due: Instant)
        /// The nodes that are still to be asked if this one does not know.
        case asking(ArraySlice<RedisEndpoint>)
    }

    var state = State.idle
    /// No round begins before.
    var earliest = Instant(nanoseconds: 0)
    /// Rounds since somebody has answered.
    var failures = 0
    /// What the last one to be asked in this round has said instead of a map.
    var reason = RedisDisconnect.nowhere(.slots)
    /// Tells an answer from one that comes after a stop.
    private(set) var round = 0

    static let token: UInt32 = 1
    static let command = RedisCommand("CLUSTER", "SLOTS")

    /// Begins anew; returns the timer that is to be cancelled.
    mutating func stop() -> TimerID? {
        let next = round + 1
        defer {
            self = ClusterRefresh()
            round = next
        }
        if case .armed(let timer, _) = state { return timer }
        return nil
    }
}

extension ClusterTopology {
    /// Asks for the map as soon as may be.
    func wantMap() { wantMap(at: loop.now) }

    private func wantMap(at wanted: Instant) {
        let due = max(wanted, refresh.earliest)
        switch refresh.state {
        case .idle: break
        case .armed(let timer, let known):
            guard due < known else { return }
            loop.cancel(timer)
        // What it brings is as good as what the next would.
        case .asking: return
        }
        guard isRunning else { return }
        refresh.state = .armed(loop.arm(at: due, self, token: ClusterRefresh.token), due: due)
    }

    /// Asks one node after the other: those that are connected, in any order, then the others, then the seeds.
    func askForMap() {
        guard isRunning else { return }
        let known = map.nodes.shuffled()
        let connected = known.filter { nodes[$0]?.state == .up }
        var seen: Set<RedisEndpoint> = []
        let candidates = (connected + known + seeds.shuffled()).filter { seen.insert($0).inserted }
        refresh.state = .asking(candidates[...])
        refresh.reason = .nowhere(.slots)
        askNext()
    }

    private func askNext() {
        guard isRunning, case .asking(var candidates) = refresh.state else { return }
        guard let node = candidates.popFirst() else { return roundFailed() }
        refresh.state = .asking(candidates)
        let question = ClusterCommand(
            ClusterRefresh.command, slot: nil, deadline: loop.now + limits.patience, redirections: 0
        ) { [self, round = refresh.round] result in
            guard round == refresh.round else { return }
            let reply: RedisReply
            switch result {
            case .success(let answer): reply = answer
            case .failure(let failure):
                if case .refused(let error) = failure { refresh.reason = .refused(error) }
                return noMap(node, "\(failure)")
            }
            do throws(RedisSlotMap.Failure) {
                let map = try RedisSlotMap(slots: reply, asked: node, limits: limits.map)
                // A node that was thrown out, or is not in yet, knows nobody.
                if map.primaries.isEmpty { noMap(node, "it knows of no slots") } else { adopt(map) }
            } catch {
                noMap(node, "\(error)")
            }
        }
        deliver(question, to: node)
    }

    private func noMap(_ node: RedisEndpoint, _ reason: String) {
        log.info(
            "redis node has no map of its cluster", every: &mapProblems, at: loop.now,
            ["node": "\(node)", "reason": String(reason.prefix(512))])
        askNext()
    }

    private func roundFailed() {
        refresh.failures += 1
        let pause = limits.refreshPause
        let longest = min(pause.lowerBound * (1 << min(refresh.failures, 10)), pause.upperBound)
        arm(after: longest * Double.random(in: 0.5...1))
        log.warning(
            "no node of the redis cluster knows its slots", every: &mapProblems, at: loop.now,
            ["reason": refresh.reason.description])
        if map.nodes.isEmpty { tellDown(refresh.reason) }
    }

    private func arm(after pause: Duration) {
        refresh.state = .idle
        refresh.earliest = loop.now + min(pause, refresh.failures == 0 ? limits.refreshPause.lowerBound : pause)
        wantMap(at: loop.now + pause)
    }

    /// Takes a new map: links to whoever has slots are opened, those to who has gone are closed.
    private func adopt(_ new: RedisSlotMap) {
        map = new
        primaries = new.primaries
        refresh.failures = 0
        for primary in primaries { node(at: primary) }
        let isKnown = Set(new.nodes)
        for (endpoint, node) in nodes where !isKnown.contains(endpoint) {
            guard node.state == .down || loop.now - node.lastUse > limits.idle else { continue }
            nodes[endpoint] = nil
            node.stop()
        }
        if new.isComplete { tellIfUp() } else { tellDown(.nowhere(.someSlots)) }
        // A link that is being opened is nothing wrong; where that fails, it says so.
        let isWell = new.isComplete && !primaries.contains { nodes[$0]?.state == .down }
        arm(
            after: (isWell ? limits.refreshInterval : limits.refreshPause.lowerBound * 2) * Double.random(in: 0.9...1.1)
        )
    }
}
