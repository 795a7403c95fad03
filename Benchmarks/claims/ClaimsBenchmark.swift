import Bytes
import Glibc
import Media
import Reactor
import Redis
import Registry
import Synchronization
import Telemetry

/// What the publishers of a fleet of proxies cost their Redis: the claims of `bench registry-scale`.
///
/// Each holder stands for the keeper of one proxy: it takes its share of the claims, renews them as proxies do, and has
/// some end and others begin. It reads nothing: that is what the real proxies do beside it.
@main
struct ClaimsBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        let numbers = arguments.dropFirst(2).compactMap { Int($0) }
        guard numbers.count == 4, numbers.allSatisfy({ $0 > 0 }), let url = try? RedisURL(arguments[1]) else {
            print("usage: bench-claims REDIS-URL HOLDERS ORIGINS CLAIMS CHANGES-A-SECOND")
            exit(2)
        }
        let work = Work(holders: numbers[0], origins: numbers[1], claims: numbers[2], changes: numbers[3])
        let (settings, resolver) = (try RedisSettings(url), try Resolver())
        let group = try LoopGroup(count: 1)
        group.handles[0].submit { loop in
            let holders = (0..<work.holders).map { Holder($0, work, on: loop, settings, resolver) }
            Fleet(work, holders, on: loop).start()
        }
        while let line = readLine() {
            guard line == "report" else { continue }
            let counts = Counts.all.withLock { $0 }
            say("done held=\(counts.held) granted=\(counts.granted) lost=\(counts.lost)")
        }
        exit(0)
    }
}

private struct Work {
    let holders: Int
    let origins: Int
    let claims: Int
    let changes: Int

    /// As Benchmarks/load/registry-beats.py has them.
    static let instance = OriginInstance(service: "12345678", process: "1")

    func origin(_ index: Int) -> OriginID { OriginID("vid-\(1_000_000 + index % origins)") }

    func key(_ index: Int) -> StreamKey {
        try! StreamKey(vhost: StreamKey.defaultVhost, segments: ["live", "stream-of-somebody-\(index)"])
    }
}

/// What has become of all claims.
private struct Counts {
    var held = 0
    var granted = 0
    var lost = 0

    static let all = Mutex(Counts())
}

/// Begins and ends claims.
private final class Fleet: TimerTarget {
    /// Claims that are asked for at once until all are there.
    private static let step = 100
    private static let tick = Duration.milliseconds(20)

    private let work: Work
    private let holders: [Holder]
    private let loop: EventLoop
    private var next = 0
    private var isReady = false
    private var owed = 0

    init(_ work: Work, _ holders: [Holder], on loop: EventLoop) {
        self.work = work
        self.holders = holders
        self.loop = loop
    }

    /// Gives the links a moment to come up: before that claims would be granted without Redis.
    func start() { _ = loop.arm(after: .milliseconds(500), self) }

    func timerFired(_ token: UInt32) {
        if next < work.claims {
            for _ in 0..<min(Self.step, work.claims - next) { begin() }
        } else if isReady {
            change()
        } else if Counts.all.withLock(\.held) == work.claims {
            isReady = true
            say("ready")
        }
        _ = loop.arm(after: Self.tick, self)
    }

    private func begin() {
        holders[next % holders.count].take(next)
        next += 1
    }

    /// The oldest of somebody's end, and others begin.
    private func change() {
        owed += work.changes * Int(Self.tick.nanoseconds / 1_000_000)
        while owed >= 1_000 {
            owed -= 1_000
            holders[next % holders.count].release()
            begin()
        }
    }
}

/// One proxy's publishers.
private final class Holder: ClaimOwner {
    private let work: Work
    private let keeper: ClaimKeeper
    private var claims: [HeldClaim] = []
    /// Those before it are given back.
    private var first = 0

    init(
        _ number: Int, _ work: Work, on loop: EventLoop, _ settings: RedisSettings, _ resolver: Resolver
    ) {
        self.work = work
        let registry = SharedRegistry(prefix: "sluice:", wallClock: .zero)
        let meter = RedisMeter(RedisMetrics(in: MetricsRegistry(shards: 1)), shard: MetricsShard(0))
        registry.attach(to: loop, settings, resolver: resolver, log: .silent, meter: meter)
        for index in 0..<work.origins {
            var endpoints = OriginEndpoints()
            endpoints.rtmp = [Endpoint(port: 1_935)]
            let heartbeat = Heartbeat(
                server: work.origin(index), instance: Work.instance, host: HostName("127.0.0.1")!,
                endpoints: endpoints)
            _ = try? registry.beat(heartbeat, at: loop.now)
        }
        keeper = ClaimKeeper(registry, on: loop)
    }

    func take(_ index: Int) {
        claims.append(keeper.take(work.key(index), for: work.origin(index), Work.instance, owner: self))
    }

    func release() {
        claims[first].release()
        Counts.all.withLock { $0.held -= 1 }
        first += 1
    }

    func claimGranted(_ claim: StreamClaim) {
        Counts.all.withLock { counts in
            counts.held += 1
            counts.granted += 1
        }
    }

    func claimDelayed() {}
    func claimRefused(_ error: ClaimError) { Counts.all.withLock { $0.lost += 1 } }

    func claimLost(to holder: StreamClaim?) { Counts.all.withLock { $0.lost += 1 } }
}

/// By itself: to flush what the library buffers would wait for whoever reads a line.
private func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    guard write(1, bytes, bytes.count) == bytes.count else { exit(1) }
}
