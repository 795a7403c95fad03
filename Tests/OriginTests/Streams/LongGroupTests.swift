import Bytes
import Media
import Reactor
import Testing

@testable import Origin

@Suite("A group of pictures that has become long")
struct LongGroupTests {
    /// A key frame, and a picture in each second up to `seconds`.
    private static func publish(_ seconds: Int, on stage: Stage, flushes: Bool) {
        stage.group(count: 1)
        for second in 1...seconds {
            stage.video(Bodies.inter(UInt8(second % 256)), at: UInt32(second) * 1_000)
            if flushes { stage.flush() }
        }
        stage.flush()
    }

    @Test(
        "who comes within a minute gets all of it; who comes later waits for the next key frame",
        // The pictures, the key frame, sound and metadata.
        arguments: [
            (59, 62, true, true), (59, 62, true, false), (59, 62, false, true), (59, 62, false, false),
            (61, 0, true, true), (61, 0, true, false), (61, 0, false, true), (61, 0, false, false),
        ])
    func comesLater(seconds: Int, expected: Int, hasOther: Bool, flushes: Bool) async throws {
        let (others, before, after) = try await onStage { stage in
            stage.publish()
            // Whoever is there already gets everything, and has segments kept on this loop.
            let others = hasOther ? [stage.view()] : []
            Self.publish(seconds, on: stage, flushes: flushes)
            let viewer = stage.view()
            let before = viewer.marks.count { !$0.hasPrefix("a") }
            stage.group(from: UInt32(seconds + 1) * 1_000, count: 1)
            stage.flush()
            let pictures = others.map { viewer in viewer.marks.count { $0.hasPrefix("P") } }
            return (pictures, before, viewer.marks.last { $0.hasPrefix("K") })
        }
        #expect(others == (hasOther ? [seconds] : []))
        #expect(before == expected)
        #expect(after == "K0@\((seconds + 1) * 1_000)")
    }

    @Test("no more of it is kept for new viewers than a minute, and for slow ones no more than they may lag")
    func kept() {
        var policy = StreamPolicy()
        policy.maximumLag = .seconds(5)
        var log = SegmentLog(policy: policy)
        let entry = Segment.Entry(preamble: .empty, head: .empty, version: 1)
        for second in 0...60 as ClosedRange<Int64> {
            let time = MediaTime(milliseconds: second * 1_000)
            log.append(Segment(SharedBytes([1]), time: time, entry: second == 0 ? entry : nil))
            log.trim(oldest: 0)
        }
        #expect(log.start == 0 && log.byteCount == 61)
        log.append(Segment(SharedBytes([1]), time: MediaTime(milliseconds: 60_040)))
        #expect(log.start == nil)
        log.trim(oldest: 0)
        #expect(log.latestEntry == nil && log.first == 56 && log.byteCount == 6)
    }

    @Test("a slow viewer that may lag by more goes on where it was, and new ones do not begin there")
    func longLag() {
        var policy = StreamPolicy()
        policy.maximumLag = .seconds(300)
        var log = SegmentLog(policy: policy)
        let entry = Segment.Entry(preamble: .empty, head: .empty, version: 1)
        for second in 0...100 as ClosedRange<Int64> {
            let time = MediaTime(milliseconds: second * 1_000)
            log.append(Segment(SharedBytes([1]), time: time, entry: second == 0 ? entry : nil))
            log.trim(oldest: 0)
        }
        #expect(log.first == 0 && log.start == nil)
    }

    @Test("a long stream of sound alone begins at the latest sound")
    func soundAlone() async throws {
        let marks = try await onStage { stage in
            stage.publish()
            let other = stage.view()
            stage.audio(Bodies.aacConfiguration, at: 0)
            for number in 0...200 {
                stage.audio(Bodies.sound(UInt8(number)), at: UInt32(number) * 1_000)
                stage.flush()
            }
            return [Array(other.marks.suffix(1)), stage.view().marks]
        }
        #expect(marks == [["A200@200000"], ["data@0", "aac@200000", "A200@200000"]])
    }
}
