import Bytes
import Glibc
import Media
import Reactor
import Registry
import TestKit

/// Where sessions go among many origins and streams: what `bench route` measures beside a look-up in a dictionary.
///
/// `route` asks for streams that somebody has, then for streams that nobody has. `dictionary` looks up the same keys in
/// a dictionary of as many. With `malloc-count.so` loaded in front it also counts what either asks of malloc.
@main
struct RouteBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        let numbers = arguments.dropFirst(2).compactMap { Int($0) }
        guard numbers.count == 4, let side = Side(rawValue: arguments[1]), numbers.allSatisfy({ $0 > 0 }) else {
            print("usage: bench-route route|dictionary ORIGINS CLAIMS PICKS MISSES")
            exit(2)
        }
        let work = Work(origins: numbers[0], claims: numbers[1], picks: numbers[2], misses: numbers[3])
        let group = try LoopGroup(count: 1)
        group.handles[0].submit { loop in
            switch side {
            case .route: RouteUnderTest(work, on: loop).fill()
            case .dictionary: DictionaryUnderTest(work).run()
            }
        }
        group.join()
    }
}

private enum Side: String { case route, dictionary }

private struct Work {
    let origins: Int
    let claims: Int
    let picks: Int
    let misses: Int

    func key(_ index: Int) -> StreamKey {
        try! StreamKey(vhost: StreamKey.defaultVhost, segments: ["live", "stream-of-somebody-\(index)"])
    }

    /// The streams that are asked for, chosen by chance, the same for both sides.
    var asked: [StreamKey] {
        var random = SplitMix(seed: 1)
        let keys = (0..<claims).map(key)
        return (0..<picks).map { _ in keys[Int(random.next() % UInt64(claims))] }
    }
}

private final class RouteUnderTest {
    private let work: Work
    private let loop: EventLoop
    private let store: MemoryRegistry
    private let routing: StreamRouting
    private var granted = 0

    init(_ work: Work, on loop: EventLoop) {
        self.work = work
        self.loop = loop
        var claims = ClaimTable.Limits()
        // None ends while it is measured.
        claims.lease = .seconds(3_600)
        store = MemoryRegistry(claims: claims)
        routing = StreamRouting(store)
    }

    /// Registers, claims, and goes on when all is there.
    func fill() {
        let instance = OriginInstance(service: "12345678", process: "1")
        for index in 0..<work.origins {
            var endpoints = OriginEndpoints()
            endpoints.rtmp = [Endpoint(port: 1_935)]
            let heartbeat = Heartbeat(
                server: OriginID("vid-\(1_000_000 + index)"), instance: instance, host: HostName("10.0.0.5")!,
                endpoints: endpoints)
            _ = try? store.beat(heartbeat, at: loop.now)
        }
        for index in 0..<work.claims {
            let origin = OriginID("vid-\(1_000_000 + index % work.origins)")
            store.claim(ClaimRequest(key: work.key(index), origin: origin, instance: instance), on: loop) { result in
                if case .success = result { self.granted += 1 }
                if self.granted == self.work.claims { self.run() }
            }
        }
    }

    private func run() {
        let asked = work.asked
        let unknown = (0..<work.misses).map { work.key(work.claims + $0) }
        waitForGo()
        let now = loop.now
        // What the language sets up once is no pick's.
        _ = routing.next(for: asked[0], .rtmp, to: .view, at: now)
        var found = 0
        let hits = Measurement {
            for key in asked {
                if let next = routing.next(for: key, .rtmp, to: .view, at: now), next.isOwner { found += 1 }
            }
        }
        var placed = 0
        let misses = Measurement {
            for key in unknown {
                if let next = routing.next(for: key, .rtmp, to: .publish, at: now), !next.isOwner { placed += 1 }
            }
        }
        finish(
            "done found=\(found) ns=\(hits.nanoseconds) allocations=\(hits.allocations) placed=\(placed) "
                + "miss-ns=\(misses.nanoseconds) miss-allocations=\(misses.allocations)")
    }
}

private struct DictionaryUnderTest {
    private let work: Work

    init(_ work: Work) { self.work = work }

    func run() {
        let origins = Dictionary(uniqueKeysWithValues: (0..<work.claims).map { (work.key($0), $0 % work.origins) })
        let asked = work.asked
        waitForGo()
        var found = 0
        let hits = Measurement { for key in asked where origins[key] != nil { found += 1 } }
        finish(
            "done found=\(found) ns=\(hits.nanoseconds) allocations=\(hits.allocations) placed=0 miss-ns=0 "
                + "miss-allocations=0")
    }
}

/// What a piece of work has taken of this thread.
private struct Measurement {
    let nanoseconds: Int
    /// -1 where nobody counts.
    let allocations: Int

    init(_ body: () -> Void) {
        let allocationsBefore = Self.allocations()
        let before = ProcessSelf.threadNanoseconds
        body()
        nanoseconds = ProcessSelf.threadNanoseconds - before
        allocations = Self.counter == nil ? -1 : Int(Self.allocations() - allocationsBefore)
    }

    private static let counter: (@convention(c) () -> UInt)? = {
        guard let symbol = dlsym(nil, "allocations_of_thread") else { return nil }
        return unsafeBitCast(symbol, to: (@convention(c) () -> UInt).self)
    }()

    private static func allocations() -> UInt { counter?() ?? 0 }
}

private func waitForGo() {
    print("ready")
    fflush(nil)
    // It may block: nothing else runs on this loop.
    guard readLine() == "go" else { exit(0) }
}

private func finish(_ line: String) {
    print(line)
    fflush(nil)
    while readLine() != nil {}
    exit(0)
}
