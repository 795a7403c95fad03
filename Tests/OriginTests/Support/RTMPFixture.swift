import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Telemetry
import TestKit

@testable import Origin

/// The RTMP server of an origin, one on each of some loops, all of one table of streams.
final class RTMPFixture: Sendable {
    /// What only its loop may touch.
    final class Confined: @unchecked Sendable {
        // Safe: touched in closures that run on the loop, and nowhere else.
        let server: RTMPServer
        let streams: LocalStreams
        /// What the loop has armed of its own.
        let timers: Int

        init(_ server: RTMPServer, _ streams: LocalStreams, timers: Int) {
            self.server = server
            self.streams = streams
            self.timers = timers
        }
    }

    let group: LoopGroup
    let table: StreamTable
    let places: ConnectionPlaces
    let log = EventLog<String>()
    private let registry: MetricsRegistry
    private let members: [(confined: Confined, port: UInt16)]

    init(
        loops: Int = 1, limits: LoopLimits = LoopLimits(), maximumStreams: Int = 100, maximumConnections: Int = 100,
        timeouts: RTMPTimeouts = RTMPTimeouts(), settings: HostSettings = HostSettings(),
        tcp: TCPOptions = RTMPServer.Options.usualTCP
    ) async throws {
        group = try LoopGroup(count: loops, limits: limits)
        registry = MetricsRegistry(shards: loops)
        var bounds = StreamTable.Limits()
        bounds.maximumStreams = maximumStreams
        table = StreamTable(limits: bounds)
        let (table, metrics) = (self.table, OriginMetrics(in: registry))
        let places = ConnectionPlaces(maximum: maximumConnections)
        self.places = places
        var members: [(Confined, UInt16)] = []
        for index in 0..<loops {
            members.append(
                try await group.onLoop(index) { loop in
                    let streams = LocalStreams(table, on: loop)
                    let context = RTMPContext(
                        settings: ServerSettings(name: "Sluice", version: "1"), streams: streams,
                        hosts: HostTable([StreamKey.defaultVhost: settings]),
                        meter: RTMPMeter(metrics, shard: MetricsShard(index)), timeouts: timeouts)
                    let server = RTMPServer(
                        on: loop, options: RTMPServer.Options(places: places, tcp: tcp), log: .silent
                    ) {
                        RTMPConnection($0, of: $1, context)
                    }
                    let port = try server.listen(on: .loopback(port: 0)).port
                    return (Confined(server, streams, timers: loop.armedTimers), port)
                })
        }
        self.members = members
    }

    func stop() { group.shutdown() }

    func port(_ index: Int = 0) -> UInt16 { members[index].port }

    func client(_ index: Int = 0, receiveBuffer: CInt? = nil) throws -> RTMPClient {
        try RTMPClient.connected(port: port(index), receiveBuffer: receiveBuffer)
    }

    func onLoop<R: Sendable>(
        _ index: Int = 0, _ body: @escaping @Sendable (EventLoop, Confined) throws -> R
    ) async throws -> R {
        let confined = members[index].confined
        return try await group.onLoop(index) { try body($0, confined) }
    }

    /// Has the server drain; `drained` comes to the log when it is done.
    func drain() async throws {
        let log = self.log
        try await onLoop { _, confined in confined.server.drain { log.append("drained") } }
    }

    /// Waits until the server has so many connections: their ends are the kernel's to tell.
    func hasConnections(_ count: Int, on index: Int = 0) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await onLoop(index, { _, confined in confined.server.connectionCount }) != count {
            guard ContinuousClock.now < deadline else { return false }
            try await pass(.milliseconds(2))
        }
        return true
    }

    /// Lets time pass, where the passing of time is what is tested.
    func pass(_ duration: Duration) async throws {
        try await group.loops[0].run { actor in await actor.pause(for: duration) }.value
    }

    /// The value of a metric, over all loops: `name{label="value"}`.
    func metric(_ name: String) -> Double? {
        let lines = String(copying: registry.exposition().bytes).split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }?.split(separator: " ").last.flatMap { Double($0) }
    }
}
