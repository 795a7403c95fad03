import Bytes
import Media
import MediaModel
import Muxing
import TestKit
import Testing

@Suite("FLVDemuxer") struct FLVDemuxerTests {
    /// Header, script data, sequence headers and first frames as ffmpeg writes them, and an empty tag.
    private let stream = bytes(
        """
        464c5601 05 00000009 00000000
        12 00000d 000000 00 000000 02000a6f6e4d65746144617461 00000018
        09 00000c 000000 00 000000 1700000000 01640000cffe10 00000017
        08 000007 000000 00 000000 af00120856e500 00000012
        09 000007 000028 00 000000 27010000a0 0000 00000012
        08 000000 000039 01 000000 0000000b
        """)

    @Test("tags come out with kind, time and body")
    func tags() throws {
        let read = demux([stream])
        #expect(read.error == nil)
        #expect(read.isBetweenTags)
        #expect(read.header == FLVFileHeader(hasAudio: true, hasVideo: true))
        #expect(read.tags.map(\.kind) == [.data, .video, .audio, .video, .audio])
        #expect(read.tags.map(\.timestamp) == [0, 0, 0, 40, 0x0100_0039])
        #expect(read.tags.map(\.body.count) == [13, 12, 7, 7, 0])
        #expect(read.tags[3].body.array == bytes("27010000a00000"))
    }

    @Test("where the stream is cut makes no difference: at every point, byte by byte, at random")
    func splits() {
        let whole = demux([stream])
        for point in stream.indices {
            #expect(demux([Array(stream[..<point]), Array(stream[point...])]) == whole, "cut at \(point)")
        }
        #expect(demux(stream.map { [$0] }) == whole)
        var generator = SplitMix(seed: 5)
        for largest in [2, 3, 7, 20, 60] {
            for _ in 0..<20 { #expect(demux(stream.pieces(largest: largest, using: &generator)) == whole) }
        }
    }

    @Test("random tags come out as they went in, however they are cut")
    func random() throws {
        var generator = SplitMix(seed: 9)
        for _ in 0..<60 {
            let tags = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                let size = Int.random(in: 0...300, using: &generator)
                return FLVTag(
                    MediaKind.allCases.randomElement(using: &generator)!,
                    timestamp: UInt32.random(in: 0...(.max), using: &generator),
                    body: SharedBytes((0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }))
            }
            let stream = mux(tags)
            let read = demux(stream.pieces(largest: 100, using: &generator))
            #expect(read.tags == tags)
            #expect(read.isBetweenTags)
            let count = Int.random(in: 0...stream.count, using: &generator)
            let cut = demux([Array(stream[..<count])])
            #expect(cut.error == nil)
            #expect(cut.tags == Array(tags.prefix(cut.tags.count)))
        }
    }

    @Test("every truncation gives whole tags and no error; it may end behind a tag, and nowhere else")
    func truncations() {
        var good: [Int] = []
        for count in 0...stream.count {
            let read = demux([Array(stream[..<count])])
            #expect(read.error == nil)
            if read.isBetweenTags { good.append(count) }
        }
        // Behind the header or a body, and in the size that follows.
        let ends = [9, 37, 64, 86, 108, 123]
        #expect(good == ends.flatMap { Array($0...($0 + 4)) })
    }

    @Test("a stream that ends within a tag is truncated")
    func inputEnded() throws {
        var demuxer = FLVDemuxer()
        #expect(throws: FLVError.truncated) { try demuxer.inputEnded() }
        _ = try demuxer.demux(Array(stream[..<9]).rawSpan)
        try demuxer.inputEnded()
        _ = try demuxer.demux(Array(stream[9..<20]).rawSpan)
        #expect(throws: FLVError.truncated) { try demuxer.inputEnded() }
    }

    @Test("a longer file header is passed over up to the bound")
    func longHeader() {
        var long = stream
        long.replaceSubrange(5..<9, with: [0, 0, 0, 12])
        long.insert(contentsOf: [7, 7, 7], at: 9)
        #expect(demux([long]).tags == demux([stream]).tags)
        #expect(demux(long.map { [$0] }).tags == demux([stream]).tags)
        for size: UInt32 in [0, 8, 1025, .max] {
            long.replaceSubrange(5..<9, with: withUnsafeBytes(of: size.bigEndian) { Array($0) })
            #expect(demux([long]).error == .headerSize(size))
        }
    }

    @Test("tags of unknown types are passed over and counted, without being kept")
    func unknownTags() {
        var bytes = Array(stream[..<13])
        bytes += [15, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 14]
        bytes += [15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11]
        bytes += stream[13...]
        for pieces in [[bytes], bytes.map { [$0] }] {
            let read = demux(pieces)
            #expect(read.unknownTags == 2)
            #expect(read.tags == demux([stream]).tags)
        }
    }

    @Test(
        "what is no FLV is refused, again at each call",
        arguments: [
            ("464c5701 05 00000009", FLVError.wrongSignature), ("464c5602 05 00000009", .unsupportedVersion(2)),
            ("464c5601 05 00000009 00000000 09 000065 000000 00 000000", .tagTooLarge(101, maximum: 100)),
            ("464c5601 05 00000009 00000000 29 000001 000000 00 000000", .encryptedTag),
        ])
    func refused(hex: String, error: FLVError) throws {
        var demuxer = FLVDemuxer(limits: FLVDemuxer.Limits(maximumTagBytes: 100))
        let input = bytes(hex)
        if input.count > 9 { _ = try demuxer.demux(Array(input[..<9]).rawSpan) }
        let rest = input.count > 9 ? Array(input[9...]) : input
        #expect(throws: error) { try demuxer.demux(rest.rawSpan) }
        #expect(throws: error) { try demuxer.demux([UInt8]().rawSpan) }
        #expect(demux(input.map { [$0] }, limits: FLVDemuxer.Limits(maximumTagBytes: 100)).error == error)
    }

    @Test("every flipped bit keep the invariants")
    func flips() throws {
        for bit in 0..<(stream.count * 8) {
            var flipped = stream
            flipped[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            try checkDemuxer(flipped)
        }
    }
}

@Suite("FLVTagHeader") struct FLVTagHeaderTests {
    @Test("header, tag header and trailer are written as FLV has them")
    func golden() throws {
        var output = ByteWriter()
        FLVFileHeader(hasAudio: false, hasVideo: true).append(to: &output)
        let header = try #require(FLVTagHeader(.video, bodyBytes: 0x010203, timestamp: 0xA1B2_C3D4))
        header.append(to: &output)
        header.appendTrailer(to: &output)
        #expect(
            Array(copying: output.bytes)
                == bytes("464c5601 01 00000009 00000000  09 010203 b2c3d4 a1 000000  0001020e"))
    }

    @Test("a body that no tag can hold is refused")
    func tooLarge() {
        #expect(FLVTagHeader(.data, bodyBytes: 0xFF_FFFF, timestamp: 0) != nil)
        #expect(FLVTagHeader(.data, bodyBytes: 0x100_0000, timestamp: 0) == nil)
        #expect(FLVTagHeader(.data, bodyBytes: -1, timestamp: 0) == nil)
    }
}
