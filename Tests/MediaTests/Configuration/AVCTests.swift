import Bytes
import MediaModel
import Testing

@testable import Media

@Suite("AVCConfiguration") struct AVCTests {
    private let record = VideoRecord.avc[0].bytes

    @Test("parameter sets are parts of the record")
    func parameterSets() throws {
        let configuration = try AVCConfiguration(SharedBytes(record))
        #expect(configuration.lengthSize == 4)
        #expect(configuration.sequenceParameterSets.map(\.array) == [Array(record[8..<35])])
        #expect(configuration.pictureParameterSets.map(\.array) == [bytes("68ebe3cb22c0")])
    }

    @Test("what the record itself may say wrongly is refused")
    func refused() {
        func read(_ change: (inout [UInt8]) -> Void) throws -> AVCConfiguration {
            var bytes = record
            change(&bytes)
            return try AVCConfiguration(SharedBytes(bytes))
        }
        #expect(throws: ConfigurationError.unsupportedVersion(0)) { try read { $0[0] = 0 } }
        #expect(throws: ConfigurationError.outOfRange(bit: 38, value: 2)) { try read { $0[4] = 0xFE } }
        #expect(throws: ConfigurationError.tooManyParameterSets(maximum: 64)) {
            try read { $0 = bytes("01640029ffe0ff") }
        }
    }

    @Test(
        "without a parameter set that can be read, profile and level are the record's",
        arguments: [
            ("014d4029ffe000", ConfigurationError.missingParameterSet),
            ("014d4029ffe1000000", .truncated(bit: 0, needed: 16, available: 0)),
            ("014d4029ffe1000467640029 00", .truncated(bit: 24, needed: 1, available: 0)),
        ])
    func unreadable(hex: String, error: ConfigurationError) throws {
        let configuration = try AVCConfiguration(SharedBytes(bytes(hex)))
        #expect(configuration.sequence == .failure(error))
        #expect(configuration.facts.profile == "Main")
        #expect(configuration.facts.level == "4.1")
        #expect(configuration.facts.size == nil)
    }

    @Test("reserved bits that are 0 do no harm")
    func reservedBits() throws {
        var bytes = record
        bytes[4] = 0x03
        bytes[5] = 0x01
        #expect(try AVCConfiguration(SharedBytes(bytes)).facts == VideoRecord.avc[0].facts)
    }

    @Test("a parameter set cut off in its timing keeps its size and loses its frame rate")
    func cutTiming() throws {
        let unit = Array(record[8..<35])
        var sizes = 0
        for count in 1...unit.count {
            guard let sequence = try? AVCSequenceParameterSet(Array(unit[..<count]).rawSpan) else { continue }
            sizes += 1
            #expect(sequence.size == PictureSize(width: 1920, height: 1080))
            #expect((sequence.frameRate != nil) == (count >= 23), "\(count) bytes")
        }
        #expect(sizes == 17)
    }

    @Test("a parameter set longer than the bound is read up to there")
    func bounded() throws {
        let unit = Array(record[8..<35])
        let limits = ConfigurationLimits(maximumParameterSetBytes: 12)
        #expect(try AVCSequenceParameterSet(unit.rawSpan, limits: limits).frameRate == nil)
        #expect(throws: (any Error).self) {
            try AVCSequenceParameterSet(unit.rawSpan, limits: ConfigurationLimits(maximumParameterSetBytes: 6))
        }
        #expect(throws: (any Error).self) {
            try AVCSequenceParameterSet(unit.rawSpan, limits: ConfigurationLimits(maximumParameterSetBytes: 0))
        }
    }

    @Test(
        "profiles have the names that people know",
        arguments: [
            (66, 0x00, "Baseline"), (66, 0x40, "Constrained Baseline"), (77, 0, "Main"), (88, 0, "Extended"),
            (100, 0, "High"), (100, 0x0C, "Constrained High"), (110, 0, "High 10"), (110, 0x10, "High 10 Intra"),
            (122, 0, "High 4:2:2"), (244, 0, "High 4:4:4 Predictive"), (250, 0, "250"),
        ] as [(UInt8, UInt8, String)])
    func profiles(number: UInt8, constraints: UInt8, name: String) {
        #expect(AVCProfile(number: number, constraints: constraints).name == name)
    }

    @Test(
        "levels have the names that people know",
        arguments: [
            (66, 0x10, 11, "1b"), (66, 0, 11, "1.1"), (100, 0x10, 11, "1.1"), (100, 0, 9, "1b"), (100, 0, 10, "1"),
            (100, 0, 51, "5.1"), (100, 0, 62, "6.2"),
        ] as [(UInt8, UInt8, UInt8, String)])
    func levels(profile: UInt8, constraints: UInt8, level: UInt8, name: String) throws {
        // Baseline writes no chroma format; the High profiles do, so each keeps a body of its own.
        var bytes = profile == 66 ? VideoRecord.avc[1].bytes : record
        bytes[9] = profile
        bytes[10] = constraints
        bytes[11] = level
        #expect(try AVCConfiguration(SharedBytes(bytes)).levelName == name)
    }
}

@Suite("ParameterSet") struct ParameterSetTests {
    @Test(
        "emulation prevention bytes are left out, and no others",
        arguments: [
            ("67000003", "0000"), ("67000003 00000301", "000000 0001"), ("6700000303", "000003"),
            ("67000301", "000301"),
            ("67000000 03", "000000"), ("67 0000030000 03", "00000000"), ("67030000", "030000"), ("6700", "00"),
        ])
    func unescaped(unit: String, expected: String) throws {
        let output = try ParameterSet.unescaped(bytes(unit).rawSpan, headerBytes: 1, ConfigurationLimits())
        #expect(Array(copying: output.bytes) == bytes(expected))
    }

    @Test("a unit that is only its header is truncated")
    func onlyHeader() {
        #expect(throws: ConfigurationError.truncated(bit: 0, needed: 24, available: 16)) {
            _ = try ParameterSet.unescaped(bytes("4201").rawSpan, headerBytes: 2, ConfigurationLimits())
        }
    }
}
