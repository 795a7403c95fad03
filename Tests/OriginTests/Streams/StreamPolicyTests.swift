import Bytes
import Media
import RTMP
import Reactor
import Testing

@testable import Origin

@Suite("What a virtual host says of its streams")
struct StreamPolicyTests {
    @Test(
        "a configuration that has not changed goes out again, or does not; one that has changed always does",
        arguments: [(true, 3), (false, 2)])
    func repeatedConfigurations(repeats: Bool, expected: Int) async throws {
        var policy = StreamPolicy.immediate
        policy.repeatsConfigurations = repeats
        let marks = try await onStage(policy) { stage in
            let viewer = stage.view()
            stage.publish()
            stage.group(count: 1)
            stage.group(from: 40, count: 1)
            // Another one, and no audio.
            var other = Bodies.avcConfiguration.array
            other[other.count - 1] = 0x81
            stage.video(SharedBytes(other), at: 80)
            stage.video(Bodies.key(2), at: 80)
            stage.flush()
            return viewer.marks
        }
        #expect(marks.count { $0.hasPrefix("avc") } == expected)
        #expect(marks.count { $0.hasPrefix("aac") } == expected - 1)
        #expect(marks.filter { $0.hasPrefix("K") } == ["K0@0", "K0@40", "K2@80"])
    }

    @Test("what the parameter sets say corrects the publisher's metadata, or is left alone", arguments: [true, false])
    func parameterSets(reads: Bool) async throws {
        var policy = StreamPolicy.immediate
        policy.readsParameterSets = reads
        let (width, hasFacts, rate) = try await onStage(policy) { stage in
            let viewer = stage.view()
            stage.publish()
            stage.group()
            stage.flush()
            let metadata = viewer.transcript.metadata
            return (metadata?.width, stage.publication?.head.video != nil, metadata?.audioSampleRate)
        }
        #expect(width == (reads ? 320 : nil) && hasFacts == reads)
        #expect(rate == 44_100, "sound is read in any case")
    }

    @Test("what is gathered for one write goes out before its time where it is much")
    func mergedBytes() async throws {
        var policy = StreamPolicy()
        policy.mergeLatency = .seconds(3_600)
        policy.maximumMergedBytes = 2_000
        let marks = try await onStage(policy) { stage in
            let viewer = stage.view()
            stage.publish()
            stage.group(count: 1)
            var marks = [viewer.marks.count]
            for number in 1...20 {
                stage.video(Bodies.inter(UInt8(number), size: 200), at: UInt32(number) * 40)
                marks.append(viewer.marks.count)
            }
            return marks
        }
        // Head and key frame come to some 500 bytes, a picture with its header to 221.
        let firstFlush = try #require(marks.firstIndex { $0 > 0 })
        #expect((5...9).contains(firstFlush) && marks[firstFlush] == firstFlush + 5)
        #expect((1...2_000 / 221 + 1).contains(20 - (marks[20] - 5)), "what is left is less than the bound")
    }

    @Test("heads count as well: each key frame brings one")
    func mergedHeads() async throws {
        var policy = StreamPolicy()
        policy.mergeLatency = .seconds(3_600)
        policy.maximumMergedBytes = 200_000
        let count = try await onStage(policy) { stage in
            let viewer = stage.view()
            stage.publish()
            // A configuration of 60 kB, which nothing can be read from.
            let record = [0x17, 0, 0, 0, 0] + [UInt8](repeating: 1, count: 60_000)
            stage.video(SharedBytes(record), at: 0)
            stage.audio(Bodies.aacConfiguration, at: 0)
            for number in 0..<4 { stage.video(Bodies.key(UInt8(number)), at: UInt32(number) * 40) }
            return viewer.marks.count { $0.hasPrefix("K") }
        }
        #expect(count >= 2, "after three heads of 60 kB")
    }

    @Test("a publisher is lonely from its start and from its last viewer on")
    func loneliness() async throws {
        let states = try await onStage(.immediate) { stage in
            stage.publish()
            var states = [stage.publication?.isLonely(for: .zero)]
            let first = stage.view()
            let second = stage.view()
            states.append(stage.publication?.isLonely(for: .zero))
            first.subscriber?.leave()
            states.append(stage.publication?.isLonely(for: .zero))
            second.subscriber?.leave()
            states.append(stage.publication?.isLonely(for: .zero))
            states.append(stage.publication?.isLonely(for: .seconds(60)))
            return states
        }
        #expect(states == [true, false, false, true, false])
    }
}
