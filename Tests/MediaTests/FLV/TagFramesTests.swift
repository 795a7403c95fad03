import Bytes
import Media
import MediaModel
import TestKit
import Testing

@Suite("TagFrames") struct TagFramesTests {
    private let time = MediaTime(milliseconds: 40)

    private func read(_ kind: MediaKind, _ hex: String, maximumTracks: Int = 16) throws(FLVTagError) -> [Frame] {
        let limits = TagFrames.Limits(maximumTracks: maximumTracks)
        var frames = try TagFrames(kind, body: SharedBytes(bytes(hex)), time: time, limits: limits)
        var read: [Frame] = []
        while let frame = frames.next() { read.append(frame) }
        return read
    }

    @Test("a picture is one frame, which carries the tag body as it came")
    func single() throws {
        let frames = try read(.video, "1701000050 000002ae0605")
        let frame = try #require(frames.first)
        #expect(frames.count == 1)
        #expect(frame.isKeyframe)
        #expect(frame.content == .coded)
        #expect(frame.wire == .tagBody)
        #expect(frame.time == time)
        #expect(frame.presentationTime == MediaTime(milliseconds: 120))
        #expect(frame.payload.array == bytes("000002ae0605"))
        #expect(frame.tagBody?.array == bytes("1701000050000002ae0605"))
    }

    @Test("a sequence header is no key frame, whatever its frame type")
    func sequenceHeader() throws {
        let frame = try #require(try read(.video, "1700000000 0142").first)
        #expect(frame.isConfiguration)
        #expect(!frame.isKeyframe)
    }

    @Test("script data is one frame of metadata")
    func script() throws {
        let frame = try #require(try read(.data, "02000a6f6e4d65746144617461").first)
        #expect(frame.content == .metadata)
        #expect(frame.codec == nil)
        #expect(frame.payload.count == 13)
        #expect(frame.tagBody?.count == 13)
        #expect(throws: FLVTagError.empty) { try read(.data, "") }
    }

    @Test("many tracks of one codec are a frame each, and the body goes on once")
    func manyTracks() throws {
        let frames = try read(.video, "96 11 68766331 00 000005 000021 aabb 01 000004 fffff0 cc")
        #expect(frames.map(\.track) == [0, 1])
        #expect(frames.map(\.compositionOffset) == [33, -16])
        #expect(frames.map(\.payload.array) == [[0xAA, 0xBB], [0xCC]])
        #expect(frames.map(\.wire) == [.firstOfTagBody, .restOfTagBody])
        #expect(frames.map { $0.tagBody?.count } == [23, nil])
        #expect(frames.allSatisfy { $0.codec == .hevc && $0.isKeyframe })
    }

    @Test("tracks with codecs of their own are read by them")
    func manyCodecs() throws {
        let frames = try read(.video, "a6 21 61766331 00 000004 000001 aa 61763031 07 000002 bbcc")
        #expect(frames.map(\.codec) == [.avc, .av1])
        #expect(frames.map(\.track) == [0, 7])
        #expect(frames.map(\.compositionOffset) == [1, 0])
        #expect(frames.map(\.payload.array) == [[0xAA], [0xBB, 0xCC]])
        #expect(frames.allSatisfy { !$0.isKeyframe })
    }

    @Test("one track takes the rest of the message")
    func oneTrack() throws {
        let frames = try read(.audio, "95 01 4f707573 03 fcff")
        #expect(frames.map(\.track) == [3])
        #expect(frames.map(\.payload.array) == [[0xFC, 0xFF]])
        #expect(frames.map(\.wire) == [.firstOfTagBody])
    }

    @Test("a track may be empty")
    func emptyTracks() throws {
        let frames = try read(.audio, "95 12 4f707573 00 000000 01 000000")
        #expect(frames.map(\.content) == [.sequenceEnd, .sequenceEnd])
        #expect(frames.map(\.payload.count) == [0, 0])
    }

    @Test(
        "a message with a bad track counts not at all",
        arguments: [
            ("95 11 4f707573", FLVTagError.truncated(offset: 6, needed: 1, available: 0)),
            ("95 11 4f707573 00 000001", .truncated(offset: 10, needed: 1, available: 0)),
            ("95 11 4f707573 00 000001 aa 01", .truncated(offset: 12, needed: 3, available: 0)),
            ("95 21 4f70", .truncated(offset: 2, needed: 4, available: 2)),
        ])
    func badTracks(hex: String, error: FLVTagError) {
        #expect(throws: error) { try read(.audio, hex) }
    }

    @Test("a track too short for its composition time counts not at all")
    func shortTrack() {
        #expect(throws: FLVTagError.truncated(offset: 10, needed: 3, available: 2)) {
            try read(.video, "96 11 61766331 00 000002 0000")
        }
    }

    @Test("more tracks than allowed are refused")
    func tooManyTracks() throws {
        let three = "95 11 4f707573 00 000000 01 000000 02 000000"
        #expect(try read(.audio, three, maximumTracks: 3).count == 3)
        #expect(throws: FLVTagError.tooManyTracks(maximum: 2)) { try read(.audio, three, maximumTracks: 2) }
    }

    @Test("every two first bytes, and what follows them, keep the invariants", arguments: [MediaKind.video, .audio])
    func firstBytes(kind: MediaKind) throws {
        let tail = bytes("6876633100000100000200 0102")
        for first in UInt8.min...UInt8.max {
            try checkTagBody([first], kind)
            for second in UInt8.min...UInt8.max { try checkTagBody([first, second] + tail, kind) }
        }
    }

    @Test("every truncation and every flipped bit of known forms keeps the invariants")
    func flips() throws {
        let forms =
            (VideoTagHeaderTests.legacy + VideoTagHeaderTests.enhanced).map { (MediaKind.video, bytes($0.hex)) }
            + (AudioTagHeaderTests.legacy + AudioTagHeaderTests.enhanced).map { (.audio, bytes($0.hex)) }
            + [(.video, bytes("96 11 68766331 00 000005 000021 aabb 01 000004 fffff0 cc"))]
        for (kind, body) in forms {
            for count in 0..<body.count { try checkTagBody(Array(body[..<count]), kind) }
            for bit in 0..<(body.count * 8) {
                var flipped = body
                flipped[bit / 8] ^= 0x80 >> UInt8(bit % 8)
                try checkTagBody(flipped, kind)
            }
        }
    }
}
