import Bytes
import Media
import MediaModel
import Muxing
import Reactor
import Testing

@testable import Origin

@Suite("Streams of several tracks (Enhanced RTMP v2)")
struct MultitrackTests {
    enum Layout: CaseIterable, CustomTestStringConvertible {
        case separate, oneCodec, manyCodecs

        /// The messages of one moment, of tracks 0 and 1.
        func messages(_ first: UInt8, _ packetType: UInt8, _ codec: String, _ payload: [UInt8]) -> [SharedBytes] {
            func sized(_ track: UInt8) -> [UInt8] { [track, 0, 0, UInt8(payload.count)] + payload }
            let bytes: [[UInt8]] =
                switch self {
                case .separate: [[0], [1]].map { [first, packetType] + Array(codec.utf8) + $0 + payload }
                case .oneCodec: [[first, 0x10 | packetType] + Array(codec.utf8) + sized(0) + sized(1)]
                case .manyCodecs:
                    [[first, 0x20 | packetType] + Array(codec.utf8) + sized(0) + Array(codec.utf8) + sized(1)]
                }
            return bytes.map { SharedBytes($0) }
        }

        var testDescription: String {
            switch self {
            case .separate: "a message per track"
            case .oneCodec: "one message, one codec"
            case .manyCodecs: "one message, a codec per track"
            }
        }

        /// How often each of `marks` comes to a viewer.
        func told(_ marks: [String]) -> [String] {
            self == .separate ? marks.flatMap { [$0, $0] } : marks
        }
    }

    private static func pictures(_ layout: Layout, _ numbers: Range<UInt8>, keyEvery: UInt8, on stage: Stage) {
        for number in numbers {
            let isKey = number % keyEvery == 0
            for body in layout.messages(isKey ? 0x96 : 0xA6, 3, "hvc1", [9, number]) {
                stage.video(body, at: UInt32(number) * 80)
            }
            stage.flush()
        }
    }

    private static func begin(_ layout: Layout, _ stage: Stage) {
        stage.publish()
        for body in layout.messages(0x96, 0, "hvc1", [1, 2, 3]) { stage.video(body, at: 0) }
    }

    private static func marks(_ viewer: Viewer) -> [String] {
        viewer.transcript.tags.map { tag in
            let body = tag.body.array
            switch tag.kind {
            case .data: return "data"
            case .video where body[1] & 0x0F == 0, .audio where body[1] & 0x0F == 0: return "configuration"
            case .video: return "\(body[0] == 0x96 ? "K" : "P")\(body[body.count - 1])"
            case .audio: return "A\(body[body.count - 1])"
            }
        }
    }

    @Test(
        "who comes later gets the group of pictures that is under way, with the key frames of all tracks",
        arguments: Layout.allCases, [false, true])
    func groupCache(layout: Layout, hasOther: Bool) async throws {
        let (others, late, next) = try await onStage { stage in
            let others = hasOther ? [stage.view()] : []
            Self.begin(layout, stage)
            Self.pictures(layout, 0..<13, keyEvery: 10, on: stage)
            let viewer = stage.view()
            let late = Self.marks(viewer)
            Self.pictures(layout, 13..<15, keyEvery: 10, on: stage)
            let pictures = others.map { viewer in Self.marks(viewer).count { $0.hasPrefix("P") } }
            return (pictures, late, Array(Self.marks(viewer).dropFirst(late.count)))
        }
        #expect(others == (hasOther ? [layout.told(["P"]).count * 13] : []))
        #expect(late == ["data"] + layout.told(["configuration", "K10", "P11", "P12"]))
        #expect(next == layout.told(["P13", "P14"]))
    }

    @Test("sound alone begins with the latest", arguments: Layout.allCases, [false, true])
    func soundAlone(layout: Layout, hasOther: Bool) async throws {
        let (others, marks) = try await onStage { stage in
            let others = hasOther ? [stage.view()] : []
            stage.publish()
            for body in layout.messages(0x95, 0, "Opus", Array("OpusHead".utf8)) { stage.audio(body, at: 0) }
            for number in 0..<40 as Range<UInt8> {
                for body in layout.messages(0x95, 1, "Opus", [9, number]) { stage.audio(body, at: UInt32(number) * 20) }
                stage.flush()
            }
            let sounds = others.map { viewer in Self.marks(viewer).count { $0.hasPrefix("A") } }
            return (sounds, Self.marks(stage.view()))
        }
        #expect(others == (hasOther ? [layout.told(["A"]).count * 40] : []))
        #expect(marks.filter { $0 == "configuration" }.count == layout.told([""]).count)
        #expect(marks.first == "data" && marks.last == "A39")
    }

    @Test("of the group's bytes each message counts once, whatever the number of its tracks")
    func bytes() async throws {
        let count = try await onStage { stage in
            stage.publish()
            // 12 tracks in each message; what is kept is in the end 2,400 of them.
            for number in 0..<2_401 {
                let tracks = (0..<12 as Range<UInt8>).flatMap { [$0, 0, 0, 1, UInt8(number % 256)] as [UInt8] }
                let head: [UInt8] = [number == 0 ? 0x96 : 0xA6, 0x13]
                stage.video(SharedBytes(head + Array("hvc1".utf8) + tracks), at: UInt32(number) * 20)
            }
            return stage.view().transcript.tags.count
        }
        #expect(count == 2_402)
    }
}

@Suite("At which frames viewers may begin")
struct BeginningsTests {
    private func picture(_ milliseconds: Int64, track: UInt8 = 0, isKey: Bool = true) -> Frame {
        Frame(
            .hevc, payload: SharedBytes([1]), time: MediaTime(milliseconds: milliseconds), isKeyframe: isKey,
            track: track)
    }

    /// Of each frame `milliseconds`, track, whether it is a key frame.
    private func run(_ frames: [(Int64, UInt8, Bool)]) -> [RenditionWriter.Beginning] {
        var beginnings = Beginnings()
        return frames.map { beginnings.next(picture($0.0, track: $0.1, isKey: $0.2), hasVideo: true) }
    }

    @Test("key frames of the leading track are, those of others are not")
    func leader() {
        #expect(
            run([(0, 0, true), (0, 1, true), (40, 0, false), (40, 1, false), (80, 1, true), (80, 0, true)])
                == [.key, .none, .none, .none, .none, .key])
    }

    @Test("the lowest track leads from its first key frame on")
    func lower() {
        #expect(
            run([(0, 3, true), (0, 2, true), (40, 3, true), (40, 1, false), (80, 1, true), (80, 2, true)])
                == [.key, .key, .none, .none, .key, .none])
    }

    @Test(
        "a track whose pictures stay away leads no more, until it comes again",
        arguments: [(5_000, false), (5_001, true)])
    func silence(after: Int64, isKey: Bool) {
        #expect(
            run([(0, 0, true), (1_000, 0, false), (1_000 + after, 1, true), (9_000, 0, true), (9_000, 1, true)])
                == [.key, .none, isKey ? .key : .none, .key, .none])
    }

    @Test("sound is one while there are no pictures, or have been none for five seconds")
    func sound() {
        var beginnings = Beginnings()
        func sound(_ milliseconds: Int64, hasVideo: Bool) -> RenditionWriter.Beginning {
            beginnings.next(
                Frame(.aac, payload: SharedBytes([1]), time: MediaTime(milliseconds: milliseconds)),
                hasVideo: hasVideo)
        }
        #expect(sound(0, hasVideo: false) == .possible)
        #expect(sound(20, hasVideo: true) == .none)
        #expect(beginnings.next(picture(40), hasVideo: true) == .key)
        #expect(sound(5_040, hasVideo: true) == .none)
        #expect(sound(5_041, hasVideo: true) == .possible)
    }
}
