import Bytes
import LoopKit
import Media
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@testable import Registry

/// Fifty proxies want the same few streams at once, each for an origin of its own. What they were told, with the times
/// of each question and answer, has to be explicable by one order of all operations.
@Suite("A race of proxies for streams", .ownThread, .timeLimit(.minutes(5)))
struct ClaimRaceTests {
    private static let proxies = 50
    private static let streams = 40
    private static let operations = 100_000

    @Test("a hundred thousand claims and releases have one order, stream by stream")
    func race() async throws {
        let server = try RedisServer()
        // A release whose script the server has not yet comes behind what is asked after it.
        _ = try server.ask(["SCRIPT", "LOAD", SharedScripts.release.source])
        let histories = try await withLoops(4) { group in
            let settings = RedisSettings(.single(RedisEndpoint(.address(.v4(0x7F00_0001)), port: server.port)))
            let metrics = RedisMetrics(in: MetricsRegistry(shards: 4))
            return try await withThrowingTaskGroup(of: [Operation].self) { tasks in
                for index in 0..<4 {
                    tasks.addTask {
                        try await group.on(index) { actor in
                            let meter = RedisMeter(metrics, shard: MetricsShard(index))
                            let numbers = stride(from: index, to: Self.proxies, by: 4)
                            let racers = try numbers.map { number in
                                try Racer(
                                    number, on: actor.loop, settings, meter, count: Self.operations / Self.proxies)
                            }
                            try await actor.wait(for: "links") { racers.allSatisfy(\.isUp) }
                            for racer in racers { racer.next() }
                            // As long as it goes on: the suite's bound is the time.
                            while !racers.allSatisfy(\.isDone) { await actor.pause(for: .milliseconds(10)) }
                            for racer in racers { racer.leave() }
                            return racers.flatMap(\.history)
                        }
                    }
                }
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
        }
        #expect(histories.count >= Self.operations)
        let byStream = Dictionary(grouping: histories, by: \.stream)
        #expect(byStream.count == Self.streams)
        var granted = 0
        for (stream, history) in byStream {
            if let fault = Self.fault(in: history) { Issue.record("stream \(stream): \(fault)") }
            granted += history.count { $0.isGrant }
        }
        #expect(granted > 1_000, "the race was one")
    }

    // MARK: - The check

    struct Operation: Sendable {
        enum Outcome: Sendable {
            case granted(UInt64)
            case held(UInt64)
            case released(UInt64)
        }

        let stream: Int
        let outcome: Outcome
        /// Of the question.
        let began: Instant
        /// Of the answer; of a release, whose answer nobody hears, of the next one on its connection.
        let ended: Instant

        var isGrant: Bool { if case .granted = outcome { true } else { false } }
    }

    /// When each claim may have been there at most, and was there at least.
    private struct Life {
        var grant: Operation
        var release: Operation?
    }

    private static func fault(in history: [Operation]) -> String? {
        var lives: [UInt64: Life] = [:]
        for operation in history {
            if case .granted(let epoch) = operation.outcome {
                if lives[epoch] != nil { return "epoch \(epoch) was granted twice" }
                lives[epoch] = Life(grant: operation)
            }
        }
        for operation in history {
            if case .released(let epoch) = operation.outcome { lives[epoch]?.release = operation }
        }
        let order = lives.sorted { $0.key < $1.key }
        for (earlier, later) in zip(order, order.dropFirst()) {
            // The one of the higher epoch is granted after the other was released.
            guard let release = earlier.value.release else {
                return "\(later.key) was granted though \(earlier.key) is held"
            }
            if later.value.grant.ended < release.began { return "\(later.key) overlaps \(earlier.key)" }
            if later.value.grant.ended < earlier.value.grant.began { return "\(later.key) is before \(earlier.key)" }
        }
        for operation in history {
            guard case .held(let epoch) = operation.outcome else { continue }
            guard let life = lives[epoch] else { return "held by \(epoch), which nobody was granted" }
            if life.grant.began > operation.ended { return "held by \(epoch) before it was asked for" }
            if let release = life.release, release.ended < operation.began { return "held by \(epoch) after its end" }
        }
        return nil
    }

    // MARK: - One proxy

    /// Asks for one stream after the other, and gives back what it has got.
    private final class Racer {
        private let registry = SharedRegistry(prefix: "race:", wallClock: .zero)
        private let origin: Heartbeat
        private let loop: EventLoop
        private let count: Int
        private var random: SplitMix
        private var isHolding = false
        private(set) var history: [Operation] = []

        init(_ number: Int, on loop: EventLoop, _ settings: RedisSettings, _ meter: RedisMeter, count: Int) throws {
            self.loop = loop
            self.count = count
            random = SplitMix(seed: UInt64(number))
            origin = Samples.heartbeat("o\(number)")
            registry.fix(origin, at: loop.now)
            registry.attach(to: loop, settings, resolver: try Resolver(), log: .silent, meter: meter)
        }

        var isUp: Bool { registry.link(of: loop).client.isUp }
        /// What it holds is given back before.
        var isDone: Bool { history.count >= count && !isHolding }

        func leave() { registry.detach(from: loop) }

        func next() {
            guard !isDone else { return }
            let stream = Int(random.next() % UInt64(ClaimRaceTests.streams))
            let request = ClaimRequest(
                key: Samples.key("\(stream)"), origin: origin.server, instance: origin.instance)
            let began = MonotonicClock.now()
            registry.claim(request, on: loop) { result in
                let ended = MonotonicClock.now()
                switch result {
                case .success(let claim):
                    self.add(stream, .granted(claim.epoch), began, ended)
                    self.giveBack(claim, stream)
                case .failure(.held(let holder)):
                    self.add(stream, .held(holder.epoch), began, ended)
                    self.next()
                case .failure(let error):
                    Issue.record("\(error)")
                    self.next()
                }
            }
        }

        private func giveBack(_ claim: StreamClaim, _ stream: Int) {
            isHolding = true
            let began = MonotonicClock.now()
            registry.release(claim, on: loop)
            // Answers come in order.
            registry.link(of: loop).value(of: "", in: .drained) { _ in
                self.isHolding = false
                self.add(stream, .released(claim.epoch), began, MonotonicClock.now())
                self.next()
            }
        }

        private func add(_ stream: Int, _ outcome: Operation.Outcome, _ began: Instant, _ ended: Instant) {
            history.append(Operation(stream: stream, outcome: outcome, began: began, ended: ended))
        }
    }
}
