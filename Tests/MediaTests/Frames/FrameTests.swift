import Bytes
import Media
import MediaModel
import Testing

@Suite("Frame") struct FrameTests {
    @Test("a frame is small enough to be copied for every viewer")
    func size() {
        #expect(MemoryLayout<Frame>.size <= 56)
    }

    @Test("a frame that came without an FLV header has no tag body")
    func bare() {
        let payload = SharedBytes([1, 2, 3])
        let frame = Frame(.avc, payload: payload, time: .zero, compositionOffset: -20, isKeyframe: true, track: 2)
        #expect(frame.tagBody == nil)
        #expect(frame.payload == payload)
        #expect(frame.kind == .video)
        #expect(frame.presentationTime == MediaTime(milliseconds: -20))
    }

    @Test("every codec has a kind and a name of its own")
    func codecs() {
        #expect(Set(Codec.allCases.map(\.name)).count == Codec.allCases.count)
        #expect(Codec.allCases.filter { $0.kind == .audio }.count == 12)
        #expect(Codec.avc.name == "H264")
        #expect(Codec.hevc.name == "HEVC")
    }
}

@Suite("MediaTime") struct MediaTimeTests {
    @Test(
        "32 bits mean the time nearest to the one before",
        arguments: [
            (0, 0, 0), (100, 40, 40), (4_294_967_290, 4, 4_294_967_300), (4_294_967_300, 0xFFFF_FFFA, 4_294_967_290),
            (8_589_934_592, 0xFFFF_FFFF, 8_589_934_591), (10, 0xFFFF_FFF0, -16),
            (12_884_901_888, 0x7FFF_FFFF, 15_032_385_535), (12_884_901_888, 0x8000_0000, 10_737_418_240),
        ] as [(Int64, UInt32, Int64)])
    func near(reference: Int64, wire: UInt32, expected: Int64) {
        let time = MediaTime(wire: wire, near: MediaTime(milliseconds: reference))
        #expect(time.milliseconds == expected)
        #expect(time.wire == wire)
    }

    @Test("times are ordered and have distances")
    func order() {
        let early = MediaTime(milliseconds: -5)
        #expect(early < .zero)
        #expect(MediaTime.zero - early == 5)
        #expect(early + 5 == .zero)
        #expect(early.wire == 0xFFFF_FFFB)
    }
}
