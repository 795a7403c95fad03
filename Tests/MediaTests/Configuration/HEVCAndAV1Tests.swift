import Bytes
import Media
import MediaModel
import Testing

@Suite("HEVCConfiguration") struct HEVCTests {
    private let record = VideoRecord.hevc[0].bytes

    @Test("units are parts of the record, in its order")
    func units() throws {
        let configuration = try HEVCConfiguration(SharedBytes(record))
        #expect(configuration.units.map(\.type) == [32, 33, 34])
        #expect(configuration.units.map(\.bytes.count) == [24, 42, 7])
        #expect(configuration.lengthSize == 4)
        #expect(!configuration.profile.isHighTier)
        #expect(configuration.profile.tierName == "Main")
        #expect(try HEVCConfiguration(SharedBytes(VideoRecord.hevc[1].bytes)).profile.tierName == "High")
    }

    @Test("version 0 is read, later ones are refused")
    func versions() throws {
        var bytes = record
        bytes[0] = 0
        #expect(try HEVCConfiguration(SharedBytes(bytes)).facts == VideoRecord.hevc[0].facts)
        bytes[0] = 2
        #expect(throws: ConfigurationError.unsupportedVersion(2)) { try HEVCConfiguration(SharedBytes(bytes)) }
    }

    @Test("an average frame rate that the record tells is told")
    func frameRate() throws {
        var bytes = record
        (bytes[19], bytes[20]) = (0x1E, 0x00)
        #expect(try HEVCConfiguration(SharedBytes(bytes)).facts.frameRate == FrameRate(30, per: 1))
    }

    @Test("without units, profile and level are the record's")
    func noUnits() throws {
        let configuration = try HEVCConfiguration(SharedBytes(Array(record[..<22]) + [0]))
        #expect(configuration.sequence == .failure(.missingParameterSet))
        #expect(configuration.facts.profile == "Main")
        #expect(configuration.facts.level == "4")
        #expect(configuration.facts.size == nil)
    }

    @Test("profiles and levels of sub-layers are passed over")
    func subLayers() throws {
        // Three layers; the first has a profile and a level of its own, the second a level. 64 × 32, 10 bits.
        let unit = bytes(bits: [
            (0x4201, 16), (0, 4), (2, 3), (0, 1), (0, 2), (1, 1), (2, 5), (0x2000_0000, 32), (0, 48), (93, 8),
            (0b1101, 4), (0, 12), (.max, 64), (0xFF_FFFF, 24), (0xFF, 8), (0xFF, 8), (1, 1), (0b010, 3), (65, 13),
            (33, 11), (0, 1), (0b011, 3), (0b011, 3),
        ])
        let sequence = try HEVCSequenceParameterSet(unit.rawSpan)
        #expect(sequence.size == PictureSize(width: 64, height: 32))
        #expect(sequence.bitDepth == 10)
        #expect(sequence.profile.name == "Main 10")
        #expect(sequence.profile.isHighTier)
        #expect(sequence.profile.levelName == "3.1")
    }

    @Test("units beyond the bound are refused")
    func counts() {
        var bytes = Array(record[..<22])
        bytes += [1, 0x21, 0x00, 0x41] + [UInt8](repeating: 0, count: 130)
        #expect(throws: ConfigurationError.tooManyParameterSets(maximum: 64)) {
            try HEVCConfiguration(SharedBytes(bytes))
        }
    }
}

@Suite("AV1Configuration") struct AV1Tests {
    @Test("a record without a sequence header has no size")
    func withoutSequence() throws {
        let configuration = try AV1Configuration(bytes("81080c00").rawSpan)
        #expect(configuration.sequence == .failure(.missingParameterSet))
        #expect(configuration.facts.size == nil)
        #expect(configuration.levelName == "4.0")
    }

    @Test("a sequence header is found behind other units, with and without an extension")
    func behindOthers() throws {
        let header = "0b00000042abbfc3700be001"
        for front in ["1200", "160100", "1a0100 1200"] {
            let configuration = try AV1Configuration(bytes("81080c00" + front + "0a" + header).rawSpan)
            #expect(configuration.facts.size == PictureSize(width: 1920, height: 1080), "\(front)")
        }
        let bare = try AV1Configuration(bytes("81080c00" + "08" + "00000042abbfc3700be001").rawSpan)
        #expect(bare.facts.size == PictureSize(width: 1920, height: 1080))
    }

    @Test("a frame rate is told where pictures come at equal distances")
    func frameRate() throws {
        let sequence = try AV1SequenceHeader(Self.timed.rawSpan)
        #expect(sequence.frameRate == FrameRate(30000, per: 1001))
        #expect(sequence.size == PictureSize(width: 64, height: 32))
    }

    /// Written bit by bit: profile 000, still 0, reduced 0, timing 1, ticks 1001 in 30000, equal 1, uvlc 1, no decoder
    /// model 0, no delay 0, one point 00000, layers 0 × 12, level 00000, width bits 0101, height bits 0100, 63, 31.
    private static let timed = bytes(bits: [
        (0, 3), (0, 1), (0, 1), (1, 1), (1001, 32), (30000, 32), (1, 1), (1, 1), (0, 1), (0, 1), (0, 5), (0, 12),
        (0, 5),
        (5, 4), (4, 4), (63, 6), (31, 5),
    ])

    @Test(
        "what is no record is refused",
        arguments: [
            ("01080c00", ConfigurationError.wrongSignature), ("82080c00", .unsupportedVersion(2)),
            ("81080c", .truncated(bit: 22, needed: 10, available: 2)),
        ])
    func refused(hex: String, error: ConfigurationError) {
        #expect(throws: error) { try AV1Configuration(bytes(hex).rawSpan) }
    }

    @Test(
        "a sequence header that cannot be read costs the size alone",
        arguments: [
            ("81080c008a00", ConfigurationError.wrongSignature),
            ("81080c000affffffffffffffffff00", .codeTooLong(bit: 8)),
            ("81080c000a05000000", .truncated(bit: 16, needed: 40, available: 24)),
        ])
    func unreadable(hex: String, error: ConfigurationError) throws {
        let configuration = try AV1Configuration(bytes(hex).rawSpan)
        #expect(configuration.sequence == .failure(error))
        #expect(configuration.facts.profile == "Main")
        #expect(configuration.facts.size == nil)
    }
}

@Suite("VPConfiguration") struct VPTests {
    @Test("VP8 is read as well, and a level of 0 is not known")
    func vp8() throws {
        let facts = try VPConfiguration(bytes("0000800202020000").rawSpan).facts(.vp8)
        #expect(facts.codec == .vp8)
        #expect(facts.level == nil)
        #expect(facts.bitDepth == 8)
    }

    @Test("bit depths and chroma formats that do not exist are refused")
    func refused() {
        #expect(throws: ConfigurationError.outOfRange(bit: 16, value: 9)) {
            try VPConfiguration(bytes("0015920202020000").rawSpan)
        }
        #expect(throws: ConfigurationError.outOfRange(bit: 20, value: 7)) {
            try VPConfiguration(bytes("00158e0202020000").rawSpan)
        }
    }
}
