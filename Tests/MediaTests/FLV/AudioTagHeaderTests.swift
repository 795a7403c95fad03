import Bytes
import Media
import MediaModel
import Testing

@Suite("AudioTagHeader") struct AudioTagHeaderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let hex: String
        let content: Frame.Content
        let codec: Codec?
        /// Sample rate, bit depth, channels.
        var sound: [Int]?
        var nano: UInt32 = 0
        var layout: MultitrackLayout?
        let start: Int

        var testDescription: String { name }
    }

    static let legacy = [
        Case(
            name: "AAC sequence header", hex: "af00 1210", content: .configuration, codec: .aac,
            sound: [44_100, 16, 2],
            start: 2),
        Case(name: "AAC", hex: "af01 de02", content: .coded, codec: .aac, sound: [44_100, 16, 2], start: 2),
        Case(
            name: "AAC of an unknown packet type", hex: "af05", content: .other, codec: .aac, sound: [44_100, 16, 2],
            start: 2),
        Case(
            name: "MP3 of ffmpeg", hex: "2e fffb50c4", content: .coded, codec: .mp3, sound: [44_100, 16, 1], start: 1),
        Case(name: "MP3 at 8 kHz", hex: "ee ff", content: .coded, codec: .mp3, sound: [8_000, 16, 1], start: 1),
        Case(name: "PCM", hex: "05 00", content: .coded, codec: .pcm, sound: [11_025, 8, 2], start: 1),
        Case(name: "ADPCM", hex: "18 00", content: .coded, codec: .adpcm, sound: [22_050, 8, 1], start: 1),
        Case(name: "PCM, little-endian", hex: "3f 00", content: .coded, codec: .pcm, sound: [44_100, 16, 2], start: 1),
        Case(
            name: "Nellymoser 16 kHz", hex: "42 00", content: .coded, codec: .nellymoser, sound: [16_000, 16, 1],
            start: 1),
        Case(
            name: "Nellymoser 8 kHz", hex: "52 00", content: .coded, codec: .nellymoser, sound: [8_000, 16, 1], start: 1
        ),
        Case(name: "Nellymoser", hex: "62 00", content: .coded, codec: .nellymoser, sound: [5_512, 16, 1], start: 1),
        Case(name: "G.711 A-law", hex: "72 00", content: .coded, codec: .g711ALaw, sound: [8_000, 16, 1], start: 1),
        Case(name: "G.711 mu-law", hex: "82 00", content: .coded, codec: .g711MuLaw, sound: [8_000, 16, 1], start: 1),
        Case(name: "Speex", hex: "b6 00", content: .coded, codec: .speex, sound: [16_000, 16, 1], start: 1),
        Case(name: "of one device", hex: "f0 00", content: .coded, codec: nil, sound: [5_512, 8, 1], start: 1),
        Case(name: "an unknown number", hex: "d3 00", content: .coded, codec: nil, sound: [5_512, 16, 2], start: 1),
    ]

    static let enhanced = [
        Case(name: "AAC SequenceStart", hex: "90 6d703461 1210", content: .configuration, codec: .aac, start: 5),
        Case(name: "Opus CodedFrames", hex: "91 4f707573 fc", content: .coded, codec: .opus, start: 5),
        Case(name: "MP3 CodedFrames", hex: "91 2e6d7033 ff", content: .coded, codec: .mp3, start: 5),
        Case(name: "FLAC SequenceStart", hex: "90 664c6143 66", content: .configuration, codec: .flac, start: 5),
        Case(name: "AC-3 CodedFrames", hex: "91 61632d33 0b77", content: .coded, codec: .ac3, start: 5),
        Case(name: "E-AC-3 SequenceEnd", hex: "92 65632d33", content: .sequenceEnd, codec: .eac3, start: 5),
        Case(
            name: "MultichannelConfig", hex: "94 6d703461 0106 0000003f", content: .channelLayout, codec: .aac, start: 5
        ),
        Case(name: "a packet type that is not known", hex: "93 6d703461", content: .other, codec: .aac, start: 5),
        Case(
            name: "ModEx with nanoseconds", hex: "97 02 000064 01 4f707573 fc", content: .coded, codec: .opus,
            nano: 100,
            start: 10),
        Case(
            name: "many tracks", hex: "95 11 6d703461 00 000001 aa", content: .coded, codec: .aac, layout: .manyTracks,
            start: 6),
    ]

    @Test("every form has its facts and its payload", arguments: legacy + enhanced)
    func forms(form: Case) throws {
        let header = try AudioTagHeader(bytes(form.hex).rawSpan)
        #expect(header.content == form.content)
        #expect(header.codecTag?.codec == form.codec)
        #expect(header.sound.map { [$0.sampleRate, $0.bitDepth, $0.channels] } == form.sound)
        #expect(header.isEnhanced == (form.sound == nil))
        #expect(header.nanoOffset == form.nano)
        #expect(header.multitrack == form.layout)
        #expect(header.payloadStart == form.start)
    }

    @Test("a header that is cut off is truncated", arguments: legacy + enhanced)
    func truncated(form: Case) throws {
        for count in 1..<form.start {
            let cut = Array(bytes(form.hex)[..<count])
            #expect("\(count) bytes") { try AudioTagHeader(cut.rawSpan) } throws: { error in
                if case .truncated = error as? FLVTagError { true } else { false }
            }
        }
    }

    @Test("what cannot be told apart is refused")
    func refused() {
        #expect(throws: FLVTagError.empty) { try AudioTagHeader([UInt8]().rawSpan) }
        #expect(throws: FLVTagError.nestedMultitrack) { try AudioTagHeader(bytes("9515").rawSpan) }
        #expect(throws: FLVTagError.nestedMultitrack) { try AudioTagHeader(bytes("9527").rawSpan) }
        #expect(throws: FLVTagError.unknownMultitrackLayout(15)) { try AudioTagHeader(bytes("95f0").rawSpan) }
    }
}
