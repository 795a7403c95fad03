import Media
import MediaModel
import Testing

/// A configuration record as an encoder wrote it, with what ffprobe says of the same stream.
struct AudioRecord: Sendable, CustomTestStringConvertible {
    let name: String
    let codec: Codec
    let hex: String
    let facts: AudioFacts

    var testDescription: String { name }
    var bytes: [UInt8] { MediaModel.bytes(hex) }

    init(
        _ name: String, _ codec: Codec, _ hex: String, _ profile: String?, _ rate: Int, _ channels: Int,
        bits: Int? = nil
    ) {
        self.name = name
        self.codec = codec
        self.hex = hex
        facts = AudioFacts(codec: codec, profile: profile, sampleRate: rate, channels: channels, bitDepth: bits)
    }

    static let all =
        aac + [
            AudioRecord("libopus, stereo", .opus, "4f707573486561640102380180bb0000000000", nil, 48_000, 2),
            AudioRecord(
                "libopus, 5.1", .opus, "4f707573486561640106380180bb00000000010402000401020305", nil, 48_000, 6),
            AudioRecord(
                "FLAC as in MP4", .flac, "800000221200120000046d0005080ac442f0000033ae36567c6137e8d578c431ed191fd85ff5",
                nil, 44_100, 2, bits: 16),
            AudioRecord(
                "FLAC as in Enhanced RTMP, 24 bits", .flac,
                "664c6143800000222000200000049c0008941770017000007080a60464d9430a1a0eee6bc12a3622deb0",
                nil, 96_000, 1, bits: 24),
        ]

    static let aac = [
        AudioRecord("AAC-LC, 44.1 kHz stereo", .aac, "1210", "LC", 44_100, 2),
        AudioRecord("AAC-LC, replication denied behind", .aac, "121056e500", "LC", 44_100, 2),
        AudioRecord("AAC-LC, 48 kHz mono", .aac, "118856e500", "LC", 48_000, 1),
        AudioRecord("AAC-LC, 5.1", .aac, "11b056e500", "LC", 48_000, 6),
        AudioRecord("AAC-LC, 7.1", .aac, "11b856e500", "LC", 48_000, 8),
        AudioRecord(
            "AAC-LC, 2.1 with its layout written out", .aac, "118004c4010020000d4c61766335392e33372e31303056e500",
            "LC", 48_000, 3),
        AudioRecord("AAC Main", .aac, "0b9056e500", "Main", 22_050, 2),
        AudioRecord("HE-AAC, signalled in front", .aac, "2b920800", "HE", 44_100, 2),
        AudioRecord("HE-AAC, signalled behind", .aac, "139056e5a0", "HE", 44_100, 2),
        AudioRecord("HE-AAC v2, signalled in front", .aac, "eb8a0800", "HEv2", 44_100, 2),
        AudioRecord("HE-AAC v2, signalled behind", .aac, "138856e5a54880", "HEv2", 44_100, 2),
        AudioRecord("AAC-LC, a rate in numbers", .aac, "178051e2 10", "LC", 41_924, 2),
        AudioRecord("AAC-LD", .aac, "b988", "LD", 48_000, 1),
        AudioRecord("AAC-ELD, an escaped object type", .aac, "f8e62000", "ELD", 48_000, 1),
    ]
}
