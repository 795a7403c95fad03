import Bytes
import Media
import Reactor
import Testing

@testable import Origin

@Suite("What decoders need before the first frame")
struct StreamHeadTests {
    private func configuration(_ track: UInt8, bytes: Int = 16) -> Frame {
        Frame(
            .avc, .configuration, payload: SharedBytes([UInt8](repeating: track, count: bytes)), time: .zero,
            track: track)
    }

    @Test("so many configurations are kept, and one more is refused, while those that are known may change")
    func number() throws {
        var head = StreamHead()
        for track in 0..<32 as Range<UInt8> { #expect(try head.note(configuration(track))) }
        #expect(throws: StreamHead.Refusal.tooManyConfigurations(maximum: 32)) { try head.note(configuration(32)) }
        #expect(try head.note(configuration(31, bytes: 17)))
        #expect(head.configurations.map(\.track) == Array(0..<32))
    }

    @Test("a configuration that is too large is refused, and the track keeps what it had")
    func size() throws {
        var head = StreamHead()
        #expect(throws: StreamHead.Refusal.configurationTooLarge(bytes: 65_537, maximum: 65_536)) {
            try head.note(configuration(0, bytes: 65_537))
        }
        #expect(!head.hasVideo && head.version == 0)
        #expect(try head.note(configuration(0, bytes: 65_536)))
        let version = head.version
        #expect(throws: StreamHead.Refusal.self) { try head.note(configuration(0, bytes: 70_000)) }
        #expect(head.configurations.map(\.bytes.count) == [65_536] && head.version == version)
    }

    @Test("a publisher of 256 tracks is served with as many as there may be, and the others count as malformed")
    func publisher() async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let (kept, faults) = try await group.onLoop { loop in
            let stage = Stage(loop)
            stage.publish()
            for track in 0..<256 {
                // Enhanced RTMP: a key frame of one track of several, the start of a sequence.
                stage.video(SharedBytes([0x96, 0x00] + Array("avc1".utf8) + [UInt8(track), 1, 2, 3]), at: 0)
            }
            return (stage.publication?.head.configurations.count, stage.publication?.faults)
        }
        #expect(kept == 32)
        #expect(faults == Publication.Faults(malformed: 224, refused: 0))
    }
}
