import Bytes
import Media
import MediaModel
import Testing

@Suite("AudioSpecificConfig") struct AudioSpecificConfigTests {
    @Test("core and extension are told apart")
    func extensions() throws {
        let front = try AudioSpecificConfig(bytes("eb8a0800").rawSpan)
        let behind = try AudioSpecificConfig(bytes("138856e5a54880").rawSpan)
        #expect(front == behind)
        #expect(front.objectType == 2)
        #expect(front.coreSampleRate == 22_050)
        #expect(front.coreChannels == 1)
        #expect(front.extensionSampleRate == 44_100)
        #expect(front.channels == 2)
    }

    @Test("a signal behind that is cut off is none", arguments: 2...4)
    func cutExtension(count: Int) throws {
        let config = try AudioSpecificConfig(Array(bytes("139056e5a0")[..<count]).rawSpan)
        #expect(config.extensionSampleRate == nil)
        #expect(config.profileName == "LC")
    }

    @Test("reserved rates and layouts are refused")
    func refused() {
        #expect(throws: ConfigurationError.outOfRange(bit: 5, value: 13)) {
            try AudioSpecificConfig(bytes("1690").rawSpan)
        }
        #expect(throws: ConfigurationError.outOfRange(bit: 5, value: 15)) {
            try AudioSpecificConfig(bytes("178000000010").rawSpan)
        }
        #expect(throws: ConfigurationError.outOfRange(bit: 9, value: 8)) {
            try AudioSpecificConfig(bytes("1240").rawSpan)
        }
        #expect(throws: ConfigurationError.truncated(bit: 5, needed: 4, available: 3)) {
            try AudioSpecificConfig(bytes("12").rawSpan)
        }
    }

    @Test(
        "every layout by number has its channels",
        arguments: [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 8), (11, 7), (12, 8), (13, 24), (14, 8)])
    func layouts(number: UInt16, channels: Int) throws {
        let word = 2 << 11 | 3 << 7 | number << 3
        let config = try AudioSpecificConfig([UInt8(word >> 8), UInt8(word & 0xFF)].rawSpan)
        #expect(config.channels == channels)
        #expect(config.sampleRate == 48_000)
    }
}

@Suite("MP3FrameHeader") struct MP3Tests {
    @Test(
        "headers of LAME and of other layers are read",
        arguments: [
            ("fffb9064", MP3FrameHeader.Version.mpeg1, 3, 128_000, 44_100, 2),
            ("fff340c4", .mpeg2, 3, 32_000, 22_050, 1), ("ffe340c4", .mpeg25, 3, 32_000, 11_025, 1),
            ("fffdc400", .mpeg1, 2, 256_000, 48_000, 2), ("ffff1800", .mpeg1, 1, 32_000, 32_000, 2),
            ("fff7e800", .mpeg2, 1, 256_000, 16_000, 2), ("fffb0000", .mpeg1, 3, nil, 44_100, 2),
        ] as [(String, MP3FrameHeader.Version, Int, Int?, Int, Int)])
    func headers(
        hex: String, version: MP3FrameHeader.Version, layer: Int, bitRate: Int?, rate: Int, channels: Int
    ) throws {
        let header = try MP3FrameHeader(bytes(hex).rawSpan)
        #expect(header.version == version)
        #expect(header.layer == layer)
        #expect(header.bitRate == bitRate)
        #expect(header.sampleRate == rate)
        #expect(header.channels == channels)
    }

    @Test(
        "what is no header is refused",
        arguments: [
            ("49443303", ConfigurationError.wrongSignature), ("ffeb9064", .outOfRange(bit: 11, value: 1)),
            ("fff99064", .outOfRange(bit: 13, value: 0)), ("fffbf064", .outOfRange(bit: 16, value: 15)),
            ("fffb9c64", .outOfRange(bit: 20, value: 3)), ("fffb90", .truncated(bit: 0, needed: 32, available: 24)),
        ])
    func refused(hex: String, error: ConfigurationError) {
        #expect(throws: error) { try MP3FrameHeader(bytes(hex).rawSpan) }
    }
}

@Suite("OpusHead and FLACStreamInfo") struct OpusAndFLACTests {
    @Test("all fields of an OpusHead are read, little-endian")
    func opus() throws {
        let head = try OpusHead(bytes("4f707573486561640102380144ac000000ff00").rawSpan)
        #expect(head.preSkip == 312)
        #expect(head.inputSampleRate == 44_100)
        #expect(head.outputGain == -256)
        #expect(head.facts.sampleRate == 48_000)
    }

    @Test(
        "what is no OpusHead is refused",
        arguments: [
            ("4f70757354616773", ConfigurationError.wrongSignature),
            ("4f707573486561641002380180bb0000000000", .unsupportedVersion(16)),
            ("4f707573486561640100380180bb0000000000", .outOfRange(bit: 72, value: 0)),
            ("4f707573486561640103380180bb0000000000", .outOfRange(bit: 144, value: 3)),
            ("4f707573486561640106380180bb00000000010402", .truncated(bit: 152, needed: 64, available: 16)),
        ])
    func opusRefused(hex: String, error: ConfigurationError) {
        #expect(throws: error) { try OpusHead(bytes(hex).rawSpan) }
    }

    @Test("all fields of a STREAMINFO are read")
    func flac() throws {
        let info = try FLACStreamInfo(
            bytes("800000221200120000046d0005080ac442f0000033ae36567c6137e8d578c431ed191fd85ff5").rawSpan)
        #expect(info.minimumBlockSize == 4608)
        #expect(info.maximumBlockSize == 4608)
        #expect(info.sampleCount == 13230)
        let live = try FLACStreamInfo(
            (bytes("664c614380000022" + "1200120000046d0005080ac442f000000000") + [UInt8](repeating: 0, count: 16))
                .rawSpan)
        #expect(live.sampleCount == nil)
    }

    @Test("a block of another type or size is refused")
    func flacRefused() {
        #expect(throws: ConfigurationError.wrongSignature) { try FLACStreamInfo(bytes("84000022").rawSpan) }
        #expect(throws: ConfigurationError.wrongSignature) { try FLACStreamInfo(bytes("664c614300000021").rawSpan) }
    }
}
