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
        let (marks, hasCursor) = try await group.onLoop { loop in
            let writer = RenditionWriter(.flv(.all), chunkSize: 128)
            let rendition = Rendition(policy: .immediate)
            let viewer = Viewer()
            viewer.subscriber = rendition.add(viewer)
            let segments = (0..<3).map { Self.segment(writer, key: $0 != 1, UInt8($0)) }
            rendition.receive(.began([segments[0]], next: 7))
            // The one with number 7 is lost.
            rendition.receive(.segments([segments[1]], number: 8))
            let hasCursor = viewer.subscriber?.cursor != nil
            rendition.receive(.segments([segments[2]], number: 9))
            return (viewer.marks, hasCursor)
        }
        #expect(marks == ["data@0", "K0@0", "data@0", "K2@80"])
        #expect(!hasCursor)
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
