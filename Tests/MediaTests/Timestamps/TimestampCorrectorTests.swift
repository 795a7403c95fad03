import Bytes
import Media
import Testing

/// A publisher that sends video at 25/s and audio at 50/s.
struct Publisher {
    var corrector: TimestampCorrector
    /// What came out, by kind.
    var video: [Int64] = []
    var audio: [Int64] = []

    init(policy: TimestampCorrector.Policy = TimestampCorrector.Policy(), start: Int64 = 0) {
        corrector = TimestampCorrector(policy: policy, start: MediaTime(milliseconds: start))
    }

    @discardableResult
    mutating func send(_ kind: MediaKind, _ time: Int64) -> Int64? {
        guard let output = corrector.correct(wire: UInt32(truncatingIfNeeded: time), kind) else { return nil }
        if kind == .video { video.append(output.milliseconds) } else { audio.append(output.milliseconds) }
        return output.milliseconds
    }

    /// `frames` pictures from `first` on, each with two audio frames.
    mutating func play(from first: Int64, frames: Int64) {
        for number in 0..<frames {
            send(.video, first + number * 40)
            send(.audio, first + number * 40)
            send(.audio, first + number * 40 + 20)
        }
    }
}

@Suite("TimestampCorrector") struct TimestampCorrectorTests {
    /// 2³² milliseconds.
    private static let wrap: Int64 = 4_294_967_296

    @Test(
        "a regular stream keeps every distance, from its start on", arguments: [0, 1, 77_000, 0xFFFF_0000] as [Int64])
    func regular(first: Int64) {
        var publisher = Publisher(start: 1000)
        publisher.play(from: first, frames: 500)
        #expect(publisher.video == (0..<500).map { 1000 + $0 * 40 })
        #expect(publisher.audio == (0..<1000).map { 1000 + $0 * 20 })
        #expect(publisher.corrector.corrections == 0)
    }

    @Test(
        "a day, and fifty days with the wrap between, are exact to the millisecond",
        arguments: [(0, 86_400_000, 1000), (3_000_000_000, 50 * 86_400_000, 4999)] as [(Int64, Int64, Int64)])
    func long(first: Int64, duration: Int64, step: Int64) {
        var corrector = TimestampCorrector()
        var wrong = 0
        for time in stride(from: 0, through: duration, by: Int64.Stride(step)) {
            let wire = UInt32(truncatingIfNeeded: first + time)
            if corrector.correct(wire: wire, .video)?.milliseconds != time { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(corrector.corrections == 0)
        #expect(corrector.head.milliseconds > duration - step)
    }

    @Test("an old packet just behind the wrap belongs before it")
    func lateAtWrap() {
        var publisher = Publisher()
        publisher.send(.video, Self.wrap - 80)
        publisher.send(.audio, Self.wrap - 60)
        publisher.send(.video, Self.wrap - 40)
        publisher.send(.video, Self.wrap)
        publisher.send(.audio, Self.wrap - 40)
        publisher.send(.video, Self.wrap + 40)
        publisher.send(.audio, Self.wrap - 20)
        publisher.send(.audio, Self.wrap)
        #expect(publisher.video == [0, 40, 80, 120])
        #expect(publisher.audio == [20, 40, 60, 80])
        #expect(publisher.corrector.corrections == 0)
    }

    @Test(
        "a step of one track's clock is held, kept as a gap, or corrected",
        arguments: [
            // Regular, a gap that is kept, the bound, beyond it.
            ([0, 40, 80, 120], [0, 40, 80, 120], 0), ([0, 40, 5040, 5080], [0, 40, 5040, 5080], 0),
            ([0, 40, 5041, 5081], [0, 40, 80, 120], 1), ([0, 40, 2_000_000_000, 2_000_000_040], [0, 40, 80, 120], 1),
            // Presentation times in place of decode times: held, and right again.
            ([0, 120, 40, 80, 240, 160], [0, 120, 120, 120, 240, 240], 0),
            // A step back to the bound, and beyond.
            ([5000, 5040, 4040, 5080], [0, 40, 40, 80], 0), ([5000, 5040, 4039, 4079], [0, 40, 80, 120], 1),
            // One picture with a wrong time.
            ([0, 40, 1_000_000_000, 80, 120], [0, 40, 80, 120, 160], 2),
            // A loop, and a loop again.
            ([0, 1000, 2000, 0, 1000, 2000, 0], [0, 1000, 2000, 3000, 4000, 5000, 6000], 2),
            // A slow stream's own step, and never more than a second.
            ([0, 4000, 8000, 0], [0, 4000, 8000, 9000], 1),
        ] as [([Int64], [Int64], Int)])
    func steps(input: [Int64], expected: [Int64], corrections: Int) {
        var publisher = Publisher()
        for time in input { publisher.send(.video, time) }
        #expect(publisher.video == expected)
        #expect(publisher.corrector.corrections == corrections)
    }

    @Test(
        "audio and video stay together through a step, whichever makes it first",
        arguments: [0, 3000, 27_000, 90_000, 3_000_000_000] as [Int64], [MediaKind.video, .audio])
    func together(second: Int64, leader: MediaKind) {
        var publisher = Publisher()
        publisher.play(from: 20_000, frames: 250)
        // The end of the first part and the start of the second are interleaved.
        let other: MediaKind = leader == .video ? .audio : .video
        publisher.send(leader, second)
        publisher.send(other, 30_000)
        publisher.send(leader, second + 40)
        publisher.send(other, 30_020)
        publisher.video.removeAll()
        publisher.audio.removeAll()
        publisher.play(from: second + 80, frames: 250)
        // The other track may start behind what it has shown; from the next frame on both are exact.
        let video = publisher.video.dropFirst(2)
        let audio = publisher.audio.dropFirst(4)
        #expect(zip(video, video.dropFirst()).allSatisfy { $1 - $0 == 40 })
        #expect(zip(audio, audio.dropFirst()).allSatisfy { $1 - $0 == 20 })
        #expect(video.first == audio.first)
        #expect(publisher.corrector.corrections == 1)
    }

    @Test("a clip played a thousand times does not drift")
    func loops() {
        var publisher = Publisher()
        for _ in 0..<1000 { publisher.play(from: 0, frames: 100) }
        #expect(publisher.video == (0..<100_000).map { $0 * 40 })
        #expect(publisher.audio == (0..<200_000).map { $0 * 20 })
        #expect(publisher.corrector.corrections == 999)
    }

    @Test("a clip shorter than what is held does not stand still")
    func shortLoops() throws {
        var publisher = Publisher()
        for _ in 0..<100 { publisher.play(from: 0, frames: 12) }
        #expect(zip(publisher.video, publisher.video.dropFirst()).allSatisfy { $1 >= $0 })
        let end = try #require(publisher.video.last)
        #expect(end > 10_000, "48 s that came out as \(end) ms")
    }

    @Test("tracks with clocks of their own each keep theirs")
    func ownClocks() {
        var publisher = Publisher()
        for number in 0..<100 as Range<Int64> {
            publisher.send(.audio, number * 40)
            publisher.send(.video, 1_700_000_000 + number * 40)
        }
        #expect(publisher.audio == (0..<100).map { $0 * 40 })
        #expect(publisher.video == publisher.audio)
        #expect(publisher.corrector.corrections == 1)
    }

    @Test("a track that was silent goes on where the others are")
    func silentTrack() {
        var publisher = Publisher()
        publisher.play(from: 0, frames: 2)
        for number in 2..<1000 as Range<Int64> { publisher.send(.audio, number * 20) }
        publisher.send(.video, 19_980)
        #expect(publisher.video.last == 19_980)
        for number in 1000..<2000 as Range<Int64> { publisher.send(.audio, number * 20) }
        publisher.send(.video, 3_000_000_000)
        #expect(publisher.video.last == publisher.audio.last)
    }

    @Test("what comes before the first frame, and before the start, is at the start")
    func beforeStart() {
        var publisher = Publisher(start: 500)
        #expect(publisher.corrector.place(wire: 0, .data) == MediaTime(milliseconds: 500))
        publisher.send(.video, 7000)
        #expect(publisher.send(.audio, 6980) == 500)
        #expect(publisher.send(.audio, 7020) == 520)
    }

    @Test("metadata and sequence headers are placed and move nothing")
    func placing() {
        var publisher = Publisher()
        publisher.play(from: 60_000, frames: 250)
        let head = publisher.corrector.head
        #expect(head == MediaTime(milliseconds: 9980))
        #expect(publisher.corrector.place(wire: 69_970, .data) == MediaTime(milliseconds: 9970))
        #expect(publisher.corrector.place(wire: 0, .data) == head)
        #expect(publisher.corrector.place(wire: 69_970, .data) == head)
        #expect(publisher.corrector.place(wire: 0, .video) == MediaTime(milliseconds: 9960))
        #expect(publisher.corrector.place(wire: 69_000, .video) == MediaTime(milliseconds: 9960))
        #expect(publisher.corrector.place(wire: 69_970, .video) == MediaTime(milliseconds: 9970))
        #expect(publisher.corrector.place(wire: 70_000, .video) == head)
        publisher.play(from: 70_000, frames: 1)
        #expect(publisher.video.last == 10_000)
        #expect(publisher.corrector.corrections == 0)
    }

    @Test("frames are stamped by what they are: media moves the clock, configurations do not")
    func stamping() throws {
        var corrector = TimestampCorrector(policy: TimestampCorrector.Policy(maximumTracks: 2))
        func stamp(_ codec: Codec, _ content: Frame.Content, _ wire: UInt32, track: UInt8 = 0) -> Int64? {
            var frame = Frame(codec, content, payload: .empty, time: .zero, track: track)
            return corrector.stamp(&frame, wire: wire) ? frame.time.milliseconds : nil
        }
        #expect(stamp(.avc, .configuration, 0) == 0)
        #expect(stamp(.aac, .configuration, 0) == 0)
        #expect(stamp(.avc, .coded, 90_000) == 0)
        #expect(stamp(.aac, .coded, 90_010) == 10)
        #expect(stamp(.avc, .coded, 90_040) == 40)
        #expect(stamp(.avc, .configuration, 0) == 40)
        #expect(stamp(.avc, .sequenceEnd, 90_080) == 40)
        #expect(stamp(.avc, .coded, 90_080) == 80)
        #expect(stamp(.avc, .coded, 90_080, track: 1) == nil)
        #expect(corrector.corrections == 0)
    }

    @Test("frames of more tracks than allowed have no time")
    func tooManyTracks() {
        var publisher = Publisher(policy: TimestampCorrector.Policy(maximumTracks: 2))
        publisher.play(from: 0, frames: 1)
        #expect(publisher.corrector.correct(wire: 0, .video, track: 1) == nil)
        #expect(publisher.send(.video, 40) == 40)
    }

    @Test("a sequence header is never later than the frame that follows it")
    func headerBeforeLateTrack() {
        var publisher = Publisher()
        for number in 0..<100 as Range<Int64> { publisher.send(.audio, 50_000 + number * 20) }
        #expect(publisher.corrector.place(wire: 0, .video) == MediaTime(milliseconds: 1980))
        #expect(publisher.send(.video, 51_900) == 1980)
        #expect(publisher.send(.video, 52_000) == 2000)
        #expect(publisher.send(.video, 52_040) == 2040)
    }

    @Test("figures of the policy count")
    func figures() {
        var policy = TimestampCorrector.Policy()
        policy.maximumGap = .milliseconds(250)
        policy.maximumRegression = .milliseconds(100)
        policy.maximumSkew = .milliseconds(250)
        var publisher = Publisher(policy: policy)
        for time in [0, 40, 290, 541, 440, 441] as [Int64] { publisher.send(.video, time) }
        #expect(publisher.video == [0, 40, 290, 540, 790, 791])
        #expect(publisher.corrector.corrections == 2)
    }

    @Test("times that do not wrap are taken as they are")
    func unwrapped() {
        var corrector = TimestampCorrector()
        let far = MediaTime(milliseconds: 1 << 50)
        #expect(corrector.correct(far, .video) == .zero)
        #expect(corrector.correct(far + 40, .video) == MediaTime(milliseconds: 40))
        #expect(corrector.correct(MediaTime(milliseconds: .min), .video) == MediaTime(milliseconds: 80))
        #expect(corrector.correct(MediaTime(milliseconds: .max), .video) == MediaTime(milliseconds: 120))
    }
}
