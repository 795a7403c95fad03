import Bytes
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@Suite("The way of a command through a cluster")
struct ClusterTopologyTests {
    private static let unavailable = Outcome.failure(.unavailable)
    private static let fine = Outcome.success(.status("OK"))
    /// Its slot is 12,182: the second half.
    private static let key: RedisKey = "foo"

    /// Times that do not make a test wait.
    private static func limits(_ change: (inout ClusterTopology.Limits) -> Void = { _ in }) -> ClusterTopology.Limits {
        var limits = ClusterTopology.Limits()
        limits.patience = .seconds(20)
        limits.pause = .milliseconds(5)
        limits.refreshPause = .milliseconds(20) ... .milliseconds(100)
        change(&limits)
        return limits
    }

    /// Two nodes at the ports 1 and 2, and a client of theirs.
    private static func with(
        _ limits: ClusterTopology.Limits = limits(),
        _ body: @escaping @Sendable (ClusterTopology, FakeCluster, Listener, isolated LoopActor) async throws -> Void
    ) async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        try await group.loops[0].run { actor in
            let cluster = FakeCluster(on: actor.loop, map: FakeCluster.map(1, 2))
            let meter = RedisMeter(RedisMetrics(in: MetricsRegistry(shards: 1)), shard: MetricsShard(0))
            let topology = ClusterTopology(
                seeds: [FakeCluster.endpoint(1)], on: actor.loop, limits: limits, log: .silent, meter: meter
            ) { cluster.open($0) }
            let listener = Listener()
            topology.observer = listener
            topology.start()
            defer { topology.stop() }
            try await body(topology, cluster, listener, actor)
        }.value
    }

    private static func send(_ topology: ClusterTopology, _ key: RedisKey? = key) -> Box {
        let box = Box()
        topology.send(RedisCommand("GET", "x"), key: key) { box.outcomes.append($0) }
        return box
    }

    private final class Box {
        var outcomes: [Outcome] = []
    }

    @Test("begins with the map of a seed, and with links to all that have slots")
    func beginning() async throws {
        try await Self.with { topology, cluster, listener, actor in
            let early = Self.send(topology)
            #expect(early.outcomes.isEmpty)
            try await actor.wait(for: "the cluster") { topology.isUp }
            #expect(early.outcomes == [Self.unavailable])
            #expect(cluster.opened == [1, 2])
            #expect(listener.heard == [.up])
            let box = Self.send(topology)
            #expect(cluster.nodes[2]?.questions.map(\.text) == ["GET x"])
            cluster.nodes[2]?.answer(Self.fine)
            #expect(box.outcomes == [Self.fine])
        }
    }

    @Test("goes where it is MOVED to, and so do those after it")
    func moved() async throws {
        try await Self.with { topology, cluster, _, actor in
            try await actor.wait(for: "the cluster") { topology.isUp }
            let box = Self.send(topology)
            cluster.nodes[2]?.refuse("MOVED 12182 127.0.0.1:1")
            let next = Self.send(topology)
            #expect(cluster.nodes[1]?.questions.count == 2)
            cluster.nodes[1]?.answer(Self.fine)
            cluster.nodes[1]?.answer(.success(.null))
            #expect(box.outcomes == [Self.fine])
            #expect(next.outcomes == [.success(.null)])
        }
    }

    @Test("goes to a node that was not known, once that is connected")
    func newcomer() async throws {
        try await Self.with { topology, cluster, _, actor in
            try await actor.wait(for: "the cluster") { topology.isUp }
            cluster.connects = false
            let box = Self.send(topology)
            cluster.nodes[2]?.refuse("ASK 12182 127.0.0.1:3")
            let newcomer = try #require(cluster.nodes[3])
            #expect(newcomer.asked.isEmpty)
            newcomer.connect()
            #expect(newcomer.questions.map(\.text) == ["ASKING", "GET x"])
            newcomer.answer(Self.fine)
            newcomer.answer(.success(.integer(1)))
            #expect(box.outcomes == [.success(.integer(1))])
            // The slot is where it was.
            _ = Self.send(topology)
            #expect(cluster.nodes[2]?.questions.count == 1)
            // What waits for a connection that fails is told so.
            let lost = Self.send(topology)
            cluster.nodes[2]?.answer(Self.fine)
            cluster.nodes[2]?.refuse("ASK 12182 127.0.0.1:4")
            cluster.nodes[4]?.disconnect()
            try await actor.wait(for: "the answer") { lost.outcomes == [Self.unavailable] }
        }
    }

    @Test("does not go round and round")
    func circle() async throws {
        try await Self.with(Self.limits { $0.maximumRedirections = 3 }) { topology, cluster, _, actor in
            try await actor.wait(for: "the cluster") { topology.isUp }
            let box = Self.send(topology)
            for port in [2, 1, 2] as [UInt16] { cluster.nodes[port]?.refuse("MOVED 12182 127.0.0.1:\(3 - port)") }
            #expect(box.outcomes.isEmpty)
            cluster.nodes[1]?.refuse("MOVED 12182 127.0.0.1:2")
            try await actor.wait(for: "the answer") { box.outcomes == [Self.unavailable] }
            #expect(cluster.nodes[2]?.questions.isEmpty == true)
        }
    }

    @Test(
        "is repeated while the cluster puts it off", arguments: ["TRYAGAIN", "CLUSTERDOWN no", "LOADING", "READONLY"])
    func putOff(words: String) async throws {
        try await Self.with { topology, cluster, _, actor in
            try await actor.wait(for: "the cluster") { topology.isUp }
            let box = Self.send(topology)
            for _ in 0..<10 {
                cluster.nodes[2]?.refuse(words)
                #expect(cluster.nodes[2]?.questions.isEmpty == true)
                try await actor.wait(for: "the question again") { cluster.nodes[2]?.questions.isEmpty == false }
            }
            cluster.nodes[2]?.answer(Self.fine)
            #expect(box.outcomes == [Self.fine])
        }
    }

    @Test("ends when it has been put off for too long")
    func patience() async throws {
        try await Self.with(Self.limits { $0.patience = .milliseconds(50) }) { topology, cluster, _, actor in
            try await actor.wait(for: "the cluster") { topology.isUp }
            let box = Self.send(topology)
            try await actor.wait(for: "the answer") {
                if cluster.nodes[2]?.questions.isEmpty == false { cluster.nodes[2]?.refuse("TRYAGAIN") }
                return !box.outcomes.isEmpty
            }
            #expect(box.outcomes == [Self.unavailable])
            // Likewise where it waits for a connection that does not come about.
            cluster.connects = false
            let other = Self.send(topology)
            cluster.nodes[2]?.refuse("ASK 12182 127.0.0.1:3")
            try await actor.wait(for: "the answer") { other.outcomes == [Self.unavailable] }
        }
    }

    @Test("is refused where too many wait")
    func full() async throws {
        try await Self.with(Self.limits { $0.maximumWaiting = 2 }) { topology, cluster, _, actor in
            try await actor.wait(for: "the cluster") { topology.isUp }
            cluster.connects = false
            let boxes = (0..<3).map { _ in Self.send(topology) }
            for _ in boxes { cluster.nodes[2]?.refuse("ASK 12182 127.0.0.1:3") }
            try await actor.wait(for: "a refusal") { !boxes[2].outcomes.isEmpty }
            #expect(boxes.map(\.outcomes) == [[], [], [.failure(.full(maximum: 2))]])
            let late = Self.send(topology)
            cluster.nodes[2]?.refuse("TRYAGAIN")
            try await actor.wait(for: "a refusal") { late.outcomes == [.failure(.full(maximum: 2))] }
        }
    }

    @Test("fails at once while its node is away, and others do not")
    func away() async throws {
        try await Self.with { topology, cluster, listener, actor in
            try await actor.wait(for: "the cluster") { topology.isUp }
            let second = try #require(cluster.nodes[2])
            second.disconnect()
            #expect(!topology.isUp)
            #expect(listener.heard == [.up, .down(.ended)])
            let box = Self.send(topology)
            try await actor.wait(for: "the answer") { box.outcomes == [Self.unavailable] }
            let other = Self.send(topology, "bar")
            cluster.nodes[1]?.answer(Self.fine)
            #expect(other.outcomes == [Self.fine])
            // Another has its slots now: the cluster is whole again, and the old one's link is closed.
            cluster.nodes[1]?.map = FakeCluster.map(1, 3)
            try await actor.wait(for: "the new map") { topology.isUp }
            #expect(cluster.opened == [1, 2, 3])
            #expect(second.isStopped)
            _ = Self.send(topology)
            #expect(cluster.nodes[3]?.questions.count == 1)
        }
    }

    @Test("does not ask for the map more often than it may, however often it is sent on")
    func bounded() async throws {
        try await Self.with(Self.limits { $0.refreshPause = .seconds(600) ... .seconds(600) }) {
            topology, cluster, _, actor in
            try await actor.wait(for: "the cluster") { topology.isUp }
            for _ in 0..<100 {
                _ = Self.send(topology)
                cluster.nodes[2]?.refuse("MOVED 12182 127.0.0.1:2")
                cluster.nodes[2]?.answer(Self.fine)
            }
            await actor.pause(for: .milliseconds(20))
            let asked = cluster.nodes.values.flatMap(\.asked).count { $0 == "CLUSTER SLOTS" }
            #expect(asked == 1)
        }
    }

    @Test("takes no map without slots, and none that cannot be understood, from whoever gives it")
    func badMaps() async throws {
        try await Self.with { topology, cluster, listener, actor in
            cluster.map = .success(.list([]))
            try await actor.wait(for: "a round without success") { listener.heard.contains(.down(.nowhere(.slots))) }
            cluster.nodes[1]?.map = .success(.list([.null]))
            let before = listener.heard.count
            try await actor.wait(for: "another one") { listener.heard.count > before }
            #expect(!topology.isUp)
            cluster.map = FakeCluster.map(1)
            cluster.nodes[1]?.map = cluster.map
            try await actor.wait(for: "the cluster") { topology.isUp }
        }
    }

    @Test("ends with the cluster's client, and then there is nothing more")
    func stop() async throws {
        try await Self.with { topology, cluster, listener, actor in
            try await actor.wait(for: "the cluster") { topology.isUp }
            let paused = Self.send(topology)
            cluster.nodes[2]?.refuse("TRYAGAIN")
            topology.stop()
            let late = Self.send(topology)
            try await actor.wait(for: "the answers") { !paused.outcomes.isEmpty && !late.outcomes.isEmpty }
            #expect(paused.outcomes + late.outcomes == [Self.unavailable, Self.unavailable])
            #expect(cluster.nodes.values.allSatisfy { $0.isStopped })
            #expect(listener.heard == [.up])
            #expect(actor.loop.armedTimers == 0)
        }
    }
}
