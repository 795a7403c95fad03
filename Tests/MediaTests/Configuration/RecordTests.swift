import Bytes
import Media
import MediaModel
import TestKit
import Testing

@Suite("Configuration records") struct RecordTests {
    @Test("facts of video are those that ffprobe tells", arguments: VideoRecord.all)
    func video(record: VideoRecord) throws {
        let frame = Frame(record.codec, .configuration, payload: SharedBytes(record.bytes), time: .zero)
        #expect(try TrackFacts(frame) == .video(record.facts))
    }

    @Test("facts of audio are those that ffprobe tells", arguments: AudioRecord.all)
    func audio(record: AudioRecord) throws {
        let frame = Frame(record.codec, .configuration, payload: SharedBytes(record.bytes), time: .zero)
        #expect(try TrackFacts(frame) == .audio(record.facts))
    }

    @Test("coded frames say nothing, but for MP3")
    func coded() throws {
        let payload = SharedBytes(bytes("fffb9064"))
        for codec in Codec.allCases {
            let facts = try TrackFacts(Frame(codec, payload: payload, time: .zero))
            #expect((facts != nil) == (codec == .mp3), "\(codec)")
        }
    }

    @Test("every truncation is read or refused", arguments: VideoRecord.all.map(\.bytes) + AudioRecord.all.map(\.bytes))
    func truncations(record: [UInt8]) throws {
        for count in 0..<record.count { try checkConfigurations(Array(record[..<count])) }
    }

    @Test(
        "every flipped bit is read or refused", arguments: VideoRecord.all.map(\.bytes) + AudioRecord.all.map(\.bytes))
    func flips(record: [UInt8]) throws {
        for bit in 0..<(record.count * 8) {
            var flipped = record
            flipped[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            try checkConfigurations(flipped)
        }
    }

    @Test("records spoilt in several places are read or refused")
    func spoilt() throws {
        var generator = SplitMix(seed: 11)
        let records = VideoRecord.all.map(\.bytes) + AudioRecord.all.map(\.bytes)
        for _ in 0..<4000 {
            var record = records.randomElement(using: &generator)!
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                record[Int.random(in: 0..<record.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            try checkConfigurations(record)
        }
    }

    @Test(
        "a record that ends within a parameter set is refused as truncated",
        arguments: VideoRecord.avc + VideoRecord.hevc)
    func short(record: VideoRecord) {
        // High profiles have four bytes behind the last parameter set, which are not read.
        let cut = SharedBytes(Array(record.bytes.dropLast(5)))
        let frame = Frame(record.codec, .configuration, payload: cut, time: .zero)
        #expect { try TrackFacts(frame) } throws: { error in
            if case .truncated = error as? ConfigurationError { true } else { false }
        }
    }
}

@Suite("FrameRate") struct FrameRateTests {
    @Test("it is reduced, and nil with a zero")
    func reduced() {
        #expect(FrameRate(60000, per: 2000) == FrameRate(30, per: 1))
        #expect(FrameRate(60000, per: 2002)?.denominator == 1001)
        #expect(FrameRate(0, per: 1) == nil)
        #expect(FrameRate(1, per: 0) == nil)
        #expect(FrameRate(30000, per: 1001)?.framesPerSecond == 30000.0 / 1001)
    }
}
