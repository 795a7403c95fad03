import Bytes
import Media
import Testing

@testable import Origin

@Suite("The first frames of a publisher, before it is known which tracks there are")
struct OpeningFramesTests {
    private func opening(_ count: Int, size: Int, every milliseconds: Int64 = 0) -> OpeningFrames {
        var limits = OpeningFrames.Limits()
        limits.maximumFrames = 8
        limits.maximumBytes = 1_000
        var opening = OpeningFrames(limits: limits)
        for number in 0..<count {
            let time = MediaTime(milliseconds: Int64(number) * milliseconds)
            opening.add(Frame(.avc, payload: SharedBytes([UInt8](repeating: 1, count: size)), time: time))
        }
        return opening
    }

    @Test(
        "they go on when they are too many, too long, or too large",
        arguments: [
            (7, 10, 0, false), (8, 10, 0, true),
            (3, 10, 249, false), (3, 10, 250, true),
            (2, 499, 0, false), (2, 500, 0, true), (1, 1_000, 0, true), (1, 999, 0, false),
        ] as [(Int, Int, Int64, Bool)])
    func bounds(count: Int, size: Int, every: Int64, isOver: Bool) {
        #expect(opening(count, size: size, every: every).isOver(StreamHead()) == isOver)
    }

    @Test("the usual bound holds less than two of the largest messages")
    func usual() {
        var opening = OpeningFrames()
        let large = SharedBytes([UInt8](repeating: 1, count: 3 << 20))
        opening.add(Frame(.avc, payload: large, time: .zero))
        #expect(!opening.isOver(StreamHead()))
        opening.add(Frame(.avc, payload: large, time: .zero))
        #expect(opening.isOver(StreamHead()))
    }
}
