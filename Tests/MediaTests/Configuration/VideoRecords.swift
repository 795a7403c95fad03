import Media
import MediaModel
import Testing

/// A configuration record as an encoder wrote it, with what ffprobe says of the same stream.
struct VideoRecord: Sendable, CustomTestStringConvertible {
    let name: String
    let codec: Codec
    let hex: String
    let profile: String
    let level: String?
    let size: PictureSize?
    var bitDepth = 8
    var chroma = ChromaFormat.yuv420
    var rate: [UInt64]?

    var testDescription: String { name }
    var bytes: [UInt8] { MediaModel.bytes(hex) }

    var facts: VideoFacts {
        var facts = VideoFacts(codec: codec)
        facts.profile = profile
        facts.level = level
        facts.size = size
        facts.bitDepth = bitDepth
        facts.chroma = chroma
        facts.frameRate = rate.flatMap { FrameRate($0[0], per: $0[1]) }
        return facts
    }

    static let all = avc + hevc + others

    static let avc = [
        VideoRecord(
            name: "x264 High, 1080p30", codec: .avc,
            hex: """
                01640029ffe1001b67640029acd940780227e5c044000003000400000300f03c60c65801000668ebe3cb22c0fdf8f800
                """, profile: "High", level: "4.1", size: PictureSize(width: 1920, height: 1080), rate: [30, 1]),
        VideoRecord(
            name: "x264 Constrained Baseline, 360p25", codec: .avc,
            hex: "0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20",
            profile: "Constrained Baseline", level: "3", size: PictureSize(width: 640, height: 360), rate: [25, 1]),
        VideoRecord(
            name: "x264 Main, 720p59.94", codec: .avc,
            hex: "014d4020ffe10017674d4020eca02802dd808800001f48000ea60078c18cb001000568ebe3cb20",
            profile: "Main", level: "3.2", size: PictureSize(width: 1280, height: 720), rate: [60000, 1001]),
        VideoRecord(
            name: "x264 High with scaling lists and bit rate bounds", codec: .avc,
            hex: """
                0164001effe100256764001eacd940a02ff9701100000300010000030032e02001e840007a13930c01e2c5b2c001000668ebecb3
                002cfdf8f800
                """, profile: "High", level: "3", size: PictureSize(width: 640, height: 360), rate: [25, 1]),
        VideoRecord(
            name: "x264 High, interlaced 1080i25", codec: .avc,
            hex: "01640028ffe1001a67640028acd94078044fde0220000003002000000643e2c5b2c001000668fba3cb22c0fdf8f800",
            profile: "High", level: "4", size: PictureSize(width: 1920, height: 1080), rate: [25, 1]),
        VideoRecord(
            name: "x264 High 10", codec: .avc,
            hex: "016e001effe1001a676e001ea6cd940a03db011000000300100000030300f162d96001000668ebe3cb22c0fdfafa00",
            profile: "High 10", level: "3", size: PictureSize(width: 640, height: 480), bitDepth: 10, rate: [24, 1]),
        VideoRecord(
            name: "x264 High 4:2:2", codec: .avc,
            hex: "017a001effe10019677a001ebcd940a03db011000003000100000300300f162d9601000668ebe3cb22c0fef8f800",
            profile: "High 4:2:2", level: "3", size: PictureSize(width: 640, height: 480), chroma: .yuv422,
            rate: [24, 1]),
        VideoRecord(
            name: "x264 High 4:4:4, cropped to 642 × 362", codec: .avc,
            hex: "01f4001effe1001a67f4001e919b281485fc7cf808800000030080000018078b16cb01000668ebe3c44844fff8f800",
            profile: "High 4:4:4 Predictive", level: "3", size: PictureSize(width: 642, height: 362), chroma: .yuv444,
            rate: [24, 1]),
    ]

    static let hevc = [
        VideoRecord(
            name: "x265 Main, 1080p30", codec: .hevc,
            hex: """
                01016000000090000000000078f000fcfdf8f800000f03a00001001840010c01ffff016000000300900000030000030078959809
                a10001002a420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000f04a200010007
                4401c172b46240
                """, profile: "Main", level: "4", size: PictureSize(width: 1920, height: 1080)),
        VideoRecord(
            name: "x265 Main 10, high tier, 720p50", codec: .hevc,
            hex: """
                01222000000090000000000099f000fcfdfafa00000f03a00001001840010c01ffff222000000300900000030000030099959809
                a10001002a420101222000000300900000030000030099a00280802d1365959a4932bc05a020000003002000000641a200010007
                4401c172b46240
                """, profile: "Main 10", level: "5.1", size: PictureSize(width: 1280, height: 720), bitDepth: 10),
        VideoRecord(
            name: "x265 4:2:2 10 with temporal layers, cropped to 642 × 362", codec: .hevc,
            hex: """
                0104080000009d08000000003ff000fcfefafa00001303a00001001b40010c02ffff0408000003009d0800000300003f00009598
                acc048a10001002f4201020408000003009d0800000300003f0000b005120171c93b659598acd24995e02d010000030001000003
                001808a2000100074401c172b46240
                """, profile: "Rext", level: "2.1", size: PictureSize(width: 642, height: 362), bitDepth: 10,
            chroma: .yuv422),
    ]

    static let others = [
        VideoRecord(
            name: "SVT-AV1 Main, 1080p", codec: .av1, hex: "81080c000a0b00000042abbfc3700be001",
            profile: "Main", level: "4.0", size: PictureSize(width: 1920, height: 1080)),
        VideoRecord(
            name: "libaom Main, 360p", codec: .av1, hex: "81010c000a0b0000000cc4ff6736be4010",
            profile: "Main", level: "2.1", size: PictureSize(width: 640, height: 360)),
        VideoRecord(
            name: "libaom Main, 10 bits", codec: .av1, hex: "81014c000a0b0000000cc4ff6736be5010",
            profile: "Main", level: "2.1", size: PictureSize(width: 640, height: 360), bitDepth: 10),
        VideoRecord(
            name: "libaom High, 4:4:4", codec: .av1, hex: "812000000a0a200000043cfeccdaf902",
            profile: "High", level: "2.0", size: PictureSize(width: 320, height: 180), chroma: .yuv444),
        VideoRecord(
            name: "libvpx VP9", codec: .vp9, hex: "0015820202020000", profile: "Profile 0", level: "2.1", size: nil),
        VideoRecord(
            name: "libvpx VP9 with the header of its box", codec: .vp9, hex: "010000000015820202020000",
            profile: "Profile 0", level: "2.1", size: nil),
        VideoRecord(
            name: "libvpx VP9, 10 bits", codec: .vp9, hex: "010000000215a20202020000",
            profile: "Profile 2", level: "2.1", size: nil, bitDepth: 10),
    ]
}
