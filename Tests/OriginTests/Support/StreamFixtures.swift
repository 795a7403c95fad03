import Bytes
import Media
import Reactor

@testable import Origin

extension LoopGroup {
    func onLoop<R: Sendable>(_ index: Int = 0, _ body: @escaping @Sendable (EventLoop) throws -> R) async throws -> R {
        try await loops[index].run { actor in try body(actor.loop) }.value
    }
}

extension StreamKey {
    /// `live/` and the name.
    static func test(_ name: String = "a") -> StreamKey {
        do {
            return try StreamKey(vhost: defaultVhost, segments: ["live", name])
        } catch {
            preconditionFailure("a name of a test: \(error)")
        }
    }
}

extension StreamPolicy {
    /// Nothing waits.
    static var immediate: StreamPolicy {
        var policy = StreamPolicy()
        policy.mergeLatency = .zero
        return policy
    }
}

/// Runs `body` with a stage of its own, on a loop that ends with the test.
func onStage<R: Sendable>(
    _ policy: StreamPolicy = .immediate, _ body: @escaping @Sendable (Stage) throws -> R
) async throws -> R {
    let group = try LoopGroup(count: 1)
    defer { group.shutdown() }
    return try await group.onLoop { try body(Stage($0, policy: policy)) }
}

/// A publisher and its viewers on one loop.
final class Stage {
    let loop: EventLoop
    let policy: StreamPolicy
    let table: StreamTable
    let streams: LocalStreams
    private(set) var publication: Publication?
    private var viewers: [Viewer] = []

    init(_ loop: EventLoop, policy: StreamPolicy = .immediate, table: StreamTable = StreamTable()) {
        self.loop = loop
        self.policy = policy
        self.table = table
        streams = LocalStreams(table, on: loop)
    }

    /// True where there was none.
    @discardableResult
    func publish() -> Bool {
        guard case .began(let publication) = Publication.begin(.test(), policy: policy, table: table, on: loop) else {
            return false
        }
        self.publication = publication
        return true
    }

    func end() {
        publication?.end()
        publication = nil
    }

    func view(_ kind: RenditionKind = .flv(.all)) -> Viewer {
        let viewer = Viewer()
        viewers.append(viewer)
        viewer.subscriber = streams.subscribe(viewer, to: .test(), kind, policy: policy)
        return viewer
    }

    func video(_ body: SharedBytes, at time: UInt32) { publication?.receive(.video, timestamp: time, body: body) }
    func audio(_ body: SharedBytes, at time: UInt32) { publication?.receive(.audio, timestamp: time, body: body) }

    /// Both configurations, a key frame, and more pictures and sound, one of each every 40 ms.
    func group(from start: UInt32 = 0, count: Int = 3) {
        video(Bodies.avcConfiguration, at: start)
        audio(Bodies.aacConfiguration, at: start)
        for number in 0..<count {
            let time = start + UInt32(number) * 40
            video(number == 0 ? Bodies.key(UInt8(number)) : Bodies.inter(UInt8(number)), at: time)
            audio(Bodies.sound(UInt8(number)), at: time + 10)
        }
    }

    /// What waits for the end of a round is sent.
    func flush() { publication?.flush() }
}

/// Keeps a stage for as long as its loop runs.
final class Keeper: TimerTarget {
    private let stage: Stage

    init(_ stage: Stage) { self.stage = stage }

    func timerFired(_ token: UInt32) {}
}
