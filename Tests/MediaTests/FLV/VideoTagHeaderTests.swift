import Bytes
import Media
import MediaModel
import Testing

@Suite("VideoTagHeader") struct VideoTagHeaderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let hex: String
        let content: Frame.Content
        let codec: Codec?
        var frameType = VideoFrameType.key
        var offset: Int32 = 0
        var nano: UInt32 = 0
        var layout: MultitrackLayout?
        /// Where the payload begins.
        let start: Int

        var testDescription: String { name }
    }

    static let legacy = [
        Case(name: "AVC sequence header", hex: "1700000000 0164", content: .configuration, codec: .avc, start: 5),
        Case(
            name: "AVC key frame of ffmpeg", hex: "1701000050 000002ae", content: .coded, codec: .avc, offset: 80,
            start: 5),
        Case(
            name: "AVC picture", hex: "27010000a0 00000674", content: .coded, codec: .avc, frameType: .inter,
            offset: 160,
            start: 5),
        Case(
            name: "negative composition time", hex: "2701ffffd8 00", content: .coded, codec: .avc, frameType: .inter,
            offset: -40, start: 5),
        Case(
            name: "the least composition time", hex: "1701800000", content: .coded, codec: .avc, offset: -8_388_608,
            start: 5),
        Case(name: "AVC end", hex: "1702000000", content: .sequenceEnd, codec: .avc, start: 5),
        Case(name: "AVC with an unknown packet type", hex: "1709000000", content: .other, codec: .avc, start: 5),
        Case(name: "HEVC by number", hex: "1c00000000 01", content: .configuration, codec: .hevc, start: 5),
        Case(name: "AV1 by number", hex: "1d00000000 81", content: .configuration, codec: .av1, start: 5),
        Case(name: "Sorenson H.263 of ffmpeg", hex: "12 00008400", content: .coded, codec: .sorensonH263, start: 1),
        Case(
            name: "disposable", hex: "32 00", content: .coded, codec: .sorensonH263, frameType: .disposable, start: 1),
        Case(name: "screen video", hex: "1300", content: .coded, codec: .screenVideo, start: 1),
        Case(name: "VP6", hex: "1400", content: .coded, codec: .vp6, start: 1),
        Case(name: "VP6 with alpha", hex: "1500", content: .coded, codec: .vp6Alpha, start: 1),
        Case(name: "screen video 2", hex: "1600", content: .coded, codec: .screenVideo2, start: 1),
        Case(name: "an unknown number", hex: "1f00", content: .coded, codec: nil, start: 1),
        Case(
            name: "generated key frame", hex: "4200", content: .coded, codec: .sorensonH263, frameType: .generatedKey,
            start: 1),
        Case(name: "seek command", hex: "5700", content: .command, codec: .avc, frameType: .command, start: 1),
    ]

    static let enhanced = [
        Case(name: "HEVC SequenceStart", hex: "90 68766331 01", content: .configuration, codec: .hevc, start: 5),
        Case(
            name: "HEVC CodedFrames", hex: "91 68766331 000021 00", content: .coded, codec: .hevc, offset: 33, start: 8),
        Case(
            name: "HEVC CodedFramesX", hex: "a3 68766331 00", content: .coded, codec: .hevc, frameType: .inter, start: 5
        ),
        Case(name: "HEVC SequenceEnd", hex: "92 68766331", content: .sequenceEnd, codec: .hevc, start: 5),
        Case(
            name: "AVC CodedFrames", hex: "91 61766331 fffff6 00", content: .coded, codec: .avc, offset: -10, start: 8),
        Case(name: "VVC CodedFrames", hex: "91 76766331 000001 00", content: .coded, codec: .vvc, offset: 1, start: 8),
        Case(name: "AV1 CodedFrames", hex: "91 61763031 0a0b", content: .coded, codec: .av1, start: 5),
        Case(name: "VP9 CodedFrames", hex: "91 76703039 8249", content: .coded, codec: .vp9, start: 5),
        Case(name: "VP8 SequenceStart", hex: "90 76703038 00", content: .configuration, codec: .vp8, start: 5),
        Case(name: "metadata", hex: "94 68766331 02", content: .metadata, codec: .hevc, start: 5),
        Case(
            name: "metadata in a command frame", hex: "d4 68766331 02", content: .metadata, codec: .hevc,
            frameType: .command, start: 5),
        Case(
            name: "AV1 MPEG2TSSequenceStart", hex: "95 61763031 80", content: .transportConfiguration, codec: .av1,
            start: 5),
        Case(name: "a name that is not known", hex: "91 78787878 00", content: .coded, codec: nil, start: 5),
        Case(name: "a packet type that is not known", hex: "98 68766331 00", content: .other, codec: .hevc, start: 5),
        Case(
            name: "a command has no name of a codec", hex: "d1 00", content: .command, codec: nil, frameType: .command,
            start: 1),
        Case(
            name: "ModEx with nanoseconds", hex: "97 02 07a120 01 68766331 000000 00", content: .coded, codec: .hevc,
            nano: 500_000, start: 13),
        Case(
            name: "nanoseconds beyond a millisecond", hex: "97 02 ffffff 03 68766331", content: .coded, codec: .hevc,
            nano: 999_999, start: 10),
        Case(
            name: "ModEx of another type, then one too short", hex: "97 00 aa 17 01 0102 03 61763031", content: .coded,
            codec: .av1, start: 12),
        Case(
            name: "ModEx with a long size", hex: "97 ff 0002 000001 00 61763031", content: .configuration, codec: .av1,
            nano: 1, start: 12),
        Case(
            name: "one track", hex: "96 01 61763031 05 0a", content: .coded, codec: .av1, layout: .oneTrack, start: 6),
        Case(
            name: "tracks with codecs of their own", hex: "96 20 61763031 00 000000", content: .configuration,
            codec: nil,
            layout: .manyCodecs, start: 2),
    ]

    @Test("every form has its facts and its payload", arguments: legacy + enhanced)
    func forms(form: Case) throws {
        let header = try VideoTagHeader(bytes(form.hex).rawSpan)
        #expect(header.content == form.content)
        #expect(header.codecTag?.codec == form.codec)
        #expect(header.frameType == form.frameType)
        #expect(header.compositionOffset == form.offset)
        #expect(header.nanoOffset == form.nano)
        #expect(header.multitrack == form.layout)
        #expect(header.payloadStart == form.start)
        #expect(header.isEnhanced == (bytes(form.hex)[0] & 0x80 != 0))
    }

    @Test("a header that is cut off is truncated", arguments: legacy + enhanced)
    func truncated(form: Case) throws {
        let body = bytes(form.hex)
        for count in 1..<form.start {
            let cut = Array(body[..<count])
            #expect("\(count) bytes") { try VideoTagHeader(cut.rawSpan) } throws: { error in
                if case .truncated = error as? FLVTagError { true } else { false }
            }
        }
        #expect(try VideoTagHeader(Array(body[..<form.start]).rawSpan).payloadStart == form.start)
    }

    @Test(
        "what cannot be told apart is refused",
        arguments: [
            ("", FLVTagError.empty), ("96 06", .nestedMultitrack), ("96 17", .nestedMultitrack),
            ("96 31", .unknownMultitrackLayout(3)), ("17", .truncated(offset: 1, needed: 1, available: 0)),
            ("1701 0000", .truncated(offset: 2, needed: 3, available: 2)),
        ])
    func refused(hex: String, error: FLVTagError) {
        #expect(throws: error) { try VideoTagHeader(bytes(hex).rawSpan) }
    }
}
