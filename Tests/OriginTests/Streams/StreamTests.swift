import Bytes
import Media
import MediaModel
import Muxing
import RTMP
import Reactor
import TestKit
import Testing

@testable import Origin

@Suite("Streams: a publisher and its viewers on one loop")
struct StreamTests {
    private static let wholeGroup = [
        "data@0", "avc@0", "aac@0", "K0@0", "A0@10", "P1@40", "A1@50", "P2@80", "A2@90",
    ]

    @Test("who waits for a publisher begins with head and key frame, and gets every frame in order")
    func fromTheStart() async throws {
        let marks = try await onStage { stage in
            let viewer = stage.view()
            stage.publish()
            stage.group()
            stage.flush()
            return viewer.marks
        }
        #expect(marks == Self.wholeGroup)
    }

    @Test("who comes later gets the group of pictures that is under way, at once")
    func groupCache() async throws {
        let marks = try await onStage { stage in
            stage.publish()
            stage.group()
            stage.group(from: 1_000, count: 2)
            return stage.view().marks
        }
        #expect(marks == ["data@0", "avc@1000", "aac@1000", "K0@1000", "A0@1010", "P1@1040", "A1@1050"])
    }

    @Test("without a group cache a viewer waits for the next key frame")
    func withoutGroupCache() async throws {
        var policy = StreamPolicy.immediate
        policy.groupCache.isEnabled = false
        let marks = try await onStage(policy) { stage in
            stage.publish()
            stage.group()
            let viewer = stage.view()
            let before = viewer.marks
            stage.audio(Bodies.sound(9), at: 120)
            stage.group(from: 160, count: 1)
            stage.flush()
            return [before, viewer.marks]
        }
        #expect(marks == [[], ["data@0", "avc@160", "aac@160", "K0@160", "A0@170"]])
    }

    @Test("sound without pictures may begin anywhere")
    func soundAlone() async throws {
        let marks = try await onStage { stage in
            stage.publish()
            stage.audio(Bodies.aacConfiguration, at: 0)
            for number in 0..<40 { stage.audio(Bodies.sound(UInt8(number)), at: UInt32(number) * 20) }
            stage.flush()
            let viewer = stage.view()
            stage.audio(Bodies.sound(40), at: 800)
            stage.flush()
            return viewer.marks
        }
        #expect(marks == ["data@0", "aac@780", "A39@780", "A40@800"])
    }

    @Test(
        "file header and metadata tell of the tracks that are sent",
        arguments: [
            (TrackSelection.all, true, true, ["avc", "aac", "K0", "A0"]),
            (.audioOnly, true, false, ["aac", "A0"]), (.videoOnly, false, true, ["avc", "K0"]),
        ] as [(TrackSelection, Bool, Bool, [String])])
    func selections(selection: TrackSelection, hasAudio: Bool, hasVideo: Bool, expected: [String]) async throws {
        let (marks, header, metadata) = try await onStage { stage in
            stage.publish()
            stage.group(count: 1)
            let transcript = stage.view(.flv(selection)).transcript
            let names = ["width", "height", "videocodecid", "audiocodecid", "audiosamplerate", "stereo"]
            let metadata = names.filter { transcript.metadata?.properties[$0] != nil }
            return (stage.view(.flv(selection)).marks, transcript.header, metadata)
        }
        #expect(marks.dropFirst().map { String($0.prefix { $0 != "@" }) } == expected)
        #expect(header?.hasAudio == hasAudio)
        #expect(header?.hasVideo == hasVideo)
        #expect(metadata.contains("width") == hasVideo)
        #expect(metadata.contains("audiosamplerate") == hasAudio)
    }

    @Test("a second publisher is refused while there is one, and the first goes on")
    func conflict() async throws {
        let (second, third, marks) = try await onStage { stage in
            stage.publish()
            let other = Stage(stage.loop, table: stage.table)
            let second = other.publish()
            stage.group(count: 1)
            let marks = stage.view().marks
            stage.end()
            return (second, other.publish(), marks)
        }
        #expect(!second)
        #expect(third)
        #expect(marks.contains("K0@0"))
    }

    @Test("viewers that stay see the next publisher go on behind the first, with a head of its own")
    func republish() async throws {
        let (marks, ends, second) = try await onStage { stage in
            stage.publish()
            stage.group(count: 2)
            let viewer = stage.view()
            stage.end()
            let ends = viewer.ends
            let before = viewer.marks
            stage.publish()
            stage.group(from: 7_000_000, count: 1)
            stage.flush()
            return (before, ends, Array(viewer.marks.dropFirst(before.count)))
        }
        #expect(marks == ["data@0", "avc@0", "aac@0", "K0@0", "A0@10", "P1@40", "A1@50"])
        #expect(ends == 1)
        #expect(second == ["data@0", "avc@90", "aac@90", "K0@90", "A0@100"])
    }

    @Test("a stream without publisher and viewers is forgotten")
    func cleanUp() async throws {
        let counts = try await onStage { stage in
            var counts: [Int] = []
            let viewer = stage.view()
            counts.append(stage.table.streamCount)
            stage.publish()
            viewer.subscriber?.leave()
            counts.append(stage.streams.renditionCount)
            counts.append(stage.table.streamCount)
            stage.end()
            counts.append(stage.table.streamCount)
            return counts
        }
        #expect(counts == [1, 0, 1, 0])
    }

    @Test("one stream too many is refused to publishers and to viewers")
    func bound() async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let isRefused = try await group.onLoop { loop in
            var limits = StreamTable.Limits()
            limits.maximumStreams = 0
            let stage = Stage(loop, table: StreamTable(limits: limits))
            return !stage.publish() && stage.view().subscriber == nil
        }
        #expect(isRefused)
    }

    @Test("a blocked viewer is sent nothing, and goes on where it was when it has drained")
    func slowViewer() async throws {
        let (whileBlocked, marks, skips) = try await onStage { stage in
            stage.publish()
            let viewer = stage.view()
            stage.group(count: 1)
            stage.flush()
            viewer.isBlocked = true
            let before = viewer.pieces.count
            stage.video(Bodies.inter(1), at: 40)
            stage.flush()
            stage.audio(Bodies.sound(1), at: 50)
            stage.flush()
            let whileBlocked = viewer.pieces.count - before
            viewer.isBlocked = false
            viewer.subscriber?.drained()
            return (whileBlocked, viewer.marks, viewer.subscriber?.skips)
        }
        #expect(whileBlocked == 0)
        #expect(marks.suffix(4) == ["K0@0", "A0@10", "P1@40", "A1@50"])
        #expect(skips == 0)
    }

    @Test("a viewer that is too far behind goes on at the latest key frame")
    func tooSlow() async throws {
        var policy = StreamPolicy.immediate
        policy.maximumLag = .seconds(2)
        let (marks, skips) = try await onStage(policy) { stage in
            stage.publish()
            let viewer = stage.view()
            stage.group(count: 1)
            stage.flush()
            viewer.isBlocked = true
            for second in 1...6 {
                stage.group(from: UInt32(second) * 1_000, count: 1)
                stage.flush()
            }
            viewer.isBlocked = false
            viewer.subscriber?.drained()
            return (viewer.marks, viewer.subscriber?.skips)
        }
        #expect(marks.suffix(3) == ["A0@10", "K0@6000", "A0@6010"])
        #expect(skips == 1)
    }

    @Test("frames are gathered for the latency of the policy, then handed out together")
    func merging() async throws {
        var policy = StreamPolicy()
        policy.mergeLatency = .milliseconds(20)
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let log = EventLog<[String]>()
        let confirmed = try await group.onLoop { [policy] loop in
            let stage = Stage(loop, policy: policy)
            stage.publish()
            let viewer = stage.view()
            viewer.flushed = { log.append($0.marks) }
            stage.group()
            _ = loop.arm(after: .seconds(3_600), Keeper(stage))
            return viewer.flushes
        }
        #expect(confirmed == 0)
        let events = try await log.wait(count: 1)
        #expect(events == [Self.wholeGroup])
    }
}
