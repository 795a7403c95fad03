import Bytes
import Media
import Reactor
import TestKit
import Testing

@testable import Origin

@Suite("Streams: a publisher and its viewers on several loops")
struct ManyLoopsTests {
    @Test("viewers on every loop get the same frames, from the group of pictures that was under way")
    func everyLoop() async throws {
        let group = try LoopGroup(count: 3)
        defer { group.shutdown() }
        let table = StreamTable()
        let log = EventLog<[String]>()
        let handles = group.handles
        try await group.onLoop { loop in
            let stage = Stage(loop, table: table)
            stage.publish()
            stage.group(count: 2)
            // The rest comes when every loop has told of its viewer.
            let told = EventCount(handles.count) {
                stage.video(Bodies.inter(2), at: 80)
                stage.flush()
            }
            _ = loop.arm(after: .seconds(3_600), Keeper(stage))
            for handle in handles {
                let begun = loop.callback { (_: Void) in told.count() }
                handle.submit { viewing in
                    let stage = Stage(viewing, table: table)
                    let viewer = stage.view()
                    var isTold = false
                    let look = {
                        if !isTold, viewer.marks.count == 7 {
                            isTold = true
                            begun.call(())
                        }
                        if viewer.marks.count == 8 { log.append(viewer.marks) }
                    }
                    viewer.flushed = { _ in look() }
                    look()
                    _ = viewing.arm(after: .seconds(3_600), Keeper(stage))
                }
            }
        }
        let seen = try await log.wait(count: 3)
        let expected = ["data@0", "avc@0", "aac@0", "K0@0", "A0@10", "P1@40", "A1@50", "P2@80"]
        #expect(seen == [expected, expected, expected])
    }

    @Test("a loop that missed segments goes on at the next key frame")
    func gap() async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let (marks, hasCursor, skips) = try await group.onLoop { loop in
            let writer = RenditionWriter(.flv(.all), chunkSize: 128)
            let rendition = Rendition(policy: .immediate, at: loop.now)
            let viewer = Viewer()
            viewer.subscriber = rendition.add(viewer)
            let segments = (0..<3).map { Self.segment(writer, key: $0 != 1, UInt8($0)) }
            rendition.receive(.began([segments[0]], next: 7))
            // The one with number 7 is lost.
            rendition.receive(.segments([segments[1]], number: 8, byteCount: segments[1].byteCount))
            let hasCursor = viewer.subscriber?.cursor != nil
            rendition.receive(.segments([segments[2]], number: 9, byteCount: segments[2].byteCount))
            return (viewer.marks, hasCursor, viewer.subscriber?.skips)
        }
        #expect(marks == ["data@0", "K0@0", "data@0", "K2@80"])
        #expect(!hasCursor)
        #expect(skips == 1)
    }

    @Test("a loop that stands still is sent no more than a bound, and its viewers go on at the next key frame")
    func backlog() async throws {
        let group = try LoopGroup(count: 2)
        defer { group.shutdown() }
        let table = StreamTable()
        let log = EventLog<Seen>()
        var policy = StreamPolicy.immediate
        policy.maximumBacklogBytes = 4_000
        // The viewer's loop stands at the gate.
        let gate = Gate()
        defer { gate.open() }
        try await group.onLoop(1) { [policy] loop in
            let stage = Stage(loop, policy: policy, table: table)
            let viewer = stage.view()
            viewer.flushed = { log.append(Seen(marks: $0.marks, skips: $0.subscriber?.skips ?? 0)) }
            _ = loop.arm(after: .seconds(3_600), Keeper(stage))
        }
        group.handles[1].submit { _ in gate.pass() }
        let publishing = try await group.onLoop { [policy] loop in
            let stage = Stage(loop, policy: policy, table: table)
            stage.publish()
            stage.group(count: 1)
            stage.flush()
            // Some 220 bytes each.
            for number in 1...100 {
                stage.video(Bodies.inter(UInt8(number), size: 200), at: UInt32(number) * 40)
                stage.flush()
            }
            _ = loop.arm(after: .seconds(3_600), Keeper(stage))
            return Confined(stage)
        }
        gate.open()
        let before = try await log.wait(for: "what was on its way") { $0.last.map { $0.marks.count > 5 } ?? false }
        // All that was on its way has come when this loop has answered.
        try await group.onLoop(1) { _ in }
        try await group.onLoop { _ in
            publishing.stage.group(from: 4_040, count: 1)
            publishing.stage.flush()
        }
        let after = try await log.wait(for: "key frame") { $0.last?.marks.contains("K0@4040") ?? false }
        let pictures = try #require(after.last).marks.filter { $0.hasPrefix("P") }
        #expect(before.last?.marks.first == "data@0")
        #expect((10...20).contains(pictures.count), "4,000 bytes, and not 100 pictures: \(pictures)")
        #expect(pictures == (1...pictures.count).map { "P\($0)@\($0 * 40)" })
        #expect(after.last?.skips == 1)
    }

    private static func segment(_ writer: RenditionWriter, key: Bool, _ number: UInt8) -> Segment {
        let body = key ? Bodies.key(number) : Bodies.inter(number)
        let time = MediaTime(milliseconds: Int64(number) * 40)
        do {
            var frames = try TagFrames(.video, body: body, time: time)
            while let frame = frames.next() { writer.append(frame, key ? .key : .none, head: StreamHead()) }
        } catch {
            preconditionFailure("a body of a test: \(error)")
        }
        return writer.take()[0]
    }
}

/// What a viewer has had.
private struct Seen {
    let marks: [String]
    let skips: Int
}

/// A stage that goes through the test and back to its loop.
private final class Confined: @unchecked Sendable {
    // Safe: touched on its loop alone.
    let stage: Stage

    init(_ stage: Stage) { self.stage = stage }
}

/// Runs `then` at the last of so many events.
private final class EventCount {
    private var left: Int
    private let then: () -> Void

    init(_ count: Int, then: @escaping () -> Void) {
        left = count
        self.then = then
    }

    func count() {
        left -= 1
        if left == 0 { then() }
    }
}
