import Bytes
import Glibc
import HTTP
import HTTPTransport
import LoopKit
import Reactor
import Registry
import Synchronization
import Telemetry
import TestKit
import Testing

@Suite("HeartbeatSender", .timeLimit(.minutes(1)))
struct HeartbeatSenderTests {
    /// A proxy as far as heartbeats go, on the second loop.
    private final class Proxy: Sendable {
        enum Manner { case accepts, refuses, keeps }

        let beats = EventLog<Heartbeat>()
        let authorizations = EventLog<String>()
        let manner = Mutex(Manner.accepts)
        let open = Mutex((now: 0, most: 0))
        let port = Mutex<UInt16>(0)
        private let answers = Mutex<[LoopCallback<Void>]>([])

        func start(_ group: LoopGroup) async throws {
            let port = try await group.on(1) { actor in
                var router = Router()
                router.add(.post, "/api/v1/srs/register/:secret", "heartbeats") { request, exchange in
                    if let value = request.fields[.authorization] {
                        self.authorizations.append(String(copying: value))
                    }
                    exchange.collectBody(atMost: 16_384) { self.took($0, exchange, actor.loop) }
                }
                let server = HTTPServer(on: actor.loop, router: router)
                return try server.listen(on: .loopback(port: 0)).port
            }
            self.port.withLock { $0 = port }
        }

        private func took(_ body: SharedBytes, _ exchange: HTTPExchange, _ loop: EventLoop) {
            open.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            exchange.onEnd = { _ in self.open.withLock { $0.now -= 1 } }
            switch manner.withLock({ $0 }) {
            case .accepts: exchange.respond(json: SharedBytes("{\"code\":0}"))
            case .refuses: exchange.fail(.badRequest, "rtmp: missing")
            case .keeps:
                let answer = loop.callback { (_: Void) in exchange.respond(json: SharedBytes("{\"code\":0}")) }
                answers.withLock { $0.append(answer) }
            }
            // Told last: a test goes on with it.
            if let heartbeat = try? Heartbeat(json: body) { beats.append(heartbeat) }
        }

        /// Answers what was kept, and everything from now on.
        func answer() {
            manner.withLock { $0 = .accepts }
            for answer in answers.withLock({ $0 }) { answer.call(()) }
        }

        func target(_ secret: String = "s3cret", authorization: String? = nil) throws -> HeartbeatTarget {
            let url = try HTTPURL("http://127.0.0.1:\(port.withLock { $0 })/api/v1/srs/register/\(secret)")
            return try HeartbeatTarget(url, authorization: authorization.map { Secret($0) })
        }
    }

    /// What a test has on the first loop.
    private struct Bench {
        let client: HTTPClient
        let metrics = MetricsRegistry(shards: 2)
        let log: Logger

        init(_ actor: isolated LoopActor, log: Logger = .silent) throws {
            client = HTTPClient(on: actor.loop, resolver: try Resolver())
            self.log = log
        }

        func sender(
            _ targets: [HeartbeatTarget], interval: Duration = .seconds(1),
            summaries: @escaping HeartbeatSender.Summaries = { $0(nil) }
        ) -> HeartbeatSender {
            var options = HeartbeatOptions()
            options.pace = HeartbeatPace(interval: interval)
            return HeartbeatSender(
                Samples.heartbeat("vid-1"), to: targets, through: client, options: options,
                random: SplitMix(seed: 1), log: log, metrics: HeartbeatMetrics(in: metrics, targets: targets.count),
                summaries: summaries)
        }

        func metric(_ target: Int, _ outcome: String) -> String? {
            let name = "sluice_heartbeats_sent_total{target=\"\(target)\",outcome=\"\(outcome)\"} "
            return String(copying: metrics.exposition().bytes).split(separator: "\n")
                .first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
        }
    }

    private static func run(
        _ body: @escaping @Sendable (Proxy, isolated LoopActor) async throws -> Void
    ) async throws {
        try await withLoops(2) { group in
            let proxy = Proxy()
            try await proxy.start(group)
            try await group.on { actor in try await body(proxy, actor) }
        }
    }

    private static func farewell(
        _ sender: HeartbeatSender, within bound: Duration, _ actor: isolated LoopActor
    ) async throws {
        let done = Flag()
        sender.sayFarewell(within: bound) { done.isSet = true }
        #expect(!done.isSet, "never inside the call")
        try await actor.wait(for: "the farewell") { done.isSet }
    }

    private final class Flag {
        var isSet = false
    }

    @Test("beats at the start, then at its pace with what the machine shows, and says farewell")
    func life() async throws {
        try await Self.run { proxy, actor in
            let bench = try Bench(actor)
            let sampler = HostSampler(on: actor.loop, pool: try BlockingPool(name: "samples"))
            let sender = bench.sender([try proxy.target(authorization: "Bearer abc")]) { then in
                sampler.sample { summaries in
                    var summaries = summaries
                    summaries?.service.connections = 7
                    then(summaries)
                }
            }
            let began = actor.loop.now
            sender.start()
            sender.start()
            // One whose summaries were late goes without them.
            try await proxy.beats.wait(for: "three whole beats") { $0.count { $0.load.connections == 7 } >= 3 }
            #expect(MonotonicClock.now() - began >= .milliseconds(1_900))
            try await Self.farewell(sender, within: .seconds(10), actor)
            let beats = proxy.beats.events
            #expect(beats.dropLast().allSatisfy { $0.state == .serving })
            #expect(beats.last?.state == .gone && beats.count { $0.state == .gone } == 1)
            #expect(beats[0].endpoints == Samples.heartbeat("vid-1").endpoints)
            #expect(Set(proxy.authorizations.events) == ["Bearer abc"])
            #expect(sender.counts[0].accepted == UInt64(beats.count) && sender.counts[0].failed == 0)
            #expect(bench.metric(1, "ok") == "\(beats.count)" && bench.metric(1, "failed") == "0")
            // It is over.
            sender.start()
            sender.leave()
            await actor.pause(for: .milliseconds(1_200))
            #expect(proxy.beats.events.count == beats.count)
            try await Self.farewell(sender, within: .seconds(10), actor)
        }
    }

    @Test("a target that cannot be reached holds up no other, and one that refuses counts as failed")
    func targets() async throws {
        try await Self.run { proxy, actor in
            let bench = try Bench(actor)
            // A port that nobody listens on any more.
            let listener = try TCPListener(
                .loopback(port: 0), on: actor.loop, options: TCPOptions(), acceptor: NobodyComes())
            let port = listener.address.port
            listener.close()
            let dead = try HeartbeatTarget(try HTTPURL("http://127.0.0.1:\(port)/"))
            let sender = bench.sender([dead, try proxy.target()])
            sender.start()
            try await proxy.beats.wait(count: 2)
            proxy.manner.withLock { $0 = .refuses }
            try await actor.wait(for: "a refusal") { sender.counts[1].failed == 1 }
            #expect(sender.counts[0].accepted == 0 && sender.counts[0].failed >= 2)
            try await Self.farewell(sender, within: .seconds(10), actor)
            #expect(sender.counts[1].failed >= 2)
            for (index, counts) in sender.counts.enumerated() {
                #expect(bench.metric(index + 1, "failed") == "\(counts.failed)")
            }
        }
    }

    @Test("leaving is said at once, after the beat that is under way, and never beside it")
    func leaving() async throws {
        try await Self.run { proxy, actor in
            proxy.manner.withLock { $0 = .keeps }
            let bench = try Bench(actor)
            let sender = bench.sender([try proxy.target()], interval: .seconds(600))
            sender.start()
            // The first does not wait for the interval.
            try await proxy.beats.wait(count: 1)
            sender.leave()
            sender.leave()
            await actor.pause(for: .milliseconds(100))
            #expect(proxy.beats.events.count == 1)
            proxy.answer()
            try await proxy.beats.wait(count: 2)
            #expect(proxy.beats.events[1].state == .leaving)
            try await Self.farewell(sender, within: .seconds(10), actor)
            #expect(proxy.beats.events.last?.state == .gone && proxy.open.withLock { $0.most } == 1)
        }
    }

    @Test("a farewell waits for the beat that is under way, so that none comes after it")
    func farewellIsLast() async throws {
        try await Self.run { proxy, actor in
            proxy.manner.withLock { $0 = .keeps }
            let bench = try Bench(actor)
            let sender = bench.sender([try proxy.target()], interval: .seconds(600))
            sender.start()
            try await proxy.beats.wait(count: 1)
            let done = Flag()
            sender.sayFarewell(within: .seconds(30)) { done.isSet = true }
            await actor.pause(for: .milliseconds(100))
            #expect(proxy.beats.events.count == 1 && !done.isSet)
            proxy.answer()
            try await actor.wait(for: "the farewell") { done.isSet }
            #expect(proxy.beats.events.map(\.state) == [.serving, .gone])
        }
    }

    @Test("a farewell to one who does not answer is bounded", arguments: [true, false])
    func bounded(beatIsUnderWay: Bool) async throws {
        try await Self.run { proxy, actor in
            if beatIsUnderWay { proxy.manner.withLock { $0 = .keeps } }
            let bench = try Bench(actor)
            let sender = bench.sender([try proxy.target(), try proxy.target("other")], interval: .seconds(600))
            sender.start()
            try await proxy.beats.wait(count: 2)
            if !beatIsUnderWay {
                try await actor.wait(for: "answers") { sender.counts.allSatisfy { $0.accepted == 1 } }
                proxy.manner.withLock { $0 = .keeps }
            }
            let began = actor.loop.now
            try await Self.farewell(sender, within: .milliseconds(200), actor)
            let took = actor.loop.now - began
            #expect(took >= .milliseconds(200) && took < .seconds(10))
            #expect(sender.counts.allSatisfy { $0.failed == 1 })
            #expect(bench.client.state.connections == 0)
        }
    }

    @Test("summaries that do not come are not waited for")
    func withoutSummaries() async throws {
        try await Self.run { proxy, actor in
            let bench = try Bench(actor)
            let late = Late()
            let sender = bench.sender([try proxy.target()]) { late.then = $0 }
            sender.start()
            try await proxy.beats.wait(count: 2)
            #expect(proxy.beats.events.allSatisfy { $0.load == OriginLoad() })
            let before = late.then
            try await Self.farewell(sender, within: .seconds(10), actor)
            before?(nil)
            await actor.pause(for: .milliseconds(50))
            #expect(proxy.beats.events.last?.state == .gone)
        }
    }

    private final class Late {
        var then: ((HeartbeatSummaries?) -> Void)?
    }

    private final class NobodyComes: TCPAcceptor {
        func accepted(_ connection: TCPConnection, from peer: SocketAddress) -> (any TCPHandler)? { nil }
    }

    @Test("a change is logged, what goes on is not, and the path never")
    func logs() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("", to: "log")
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(descriptor) }
        try await Self.run { proxy, actor in
            let sink = try LogSink(to: descriptor, format: .text)
            proxy.manner.withLock { $0 = .refuses }
            let bench = try Bench(actor, log: sink.logger(LogSubsystem("heartbeat")))
            let sender = bench.sender([try proxy.target("s3cret", authorization: "Bearer t0ken")])
            sender.start()
            try await actor.wait(for: "refusals") { sender.counts[0].failed >= 3 }
            try await Self.farewell(sender, within: .seconds(10), actor)
            #expect(sink.close(within: .seconds(5)))
        }
        let written = try FileOperation.contents(of: path, maximum: 65_536).now()
        let text = String(copying: written.bytes)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 1, "\(text)")
        for part in ["heartbeats fail", "proxy=127.0.0.1:", "status=400", "rtmp: missing"] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(!text.contains("s3cret") && !text.contains("t0ken"))
    }
}
