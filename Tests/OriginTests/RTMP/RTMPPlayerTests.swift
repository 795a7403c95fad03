import Bytes
import LoopKit
import Media
import RTMP
import Reactor
import TestKit
import Testing

@testable import Origin

@Suite("Players of RTMP", .ownThread)
struct RTMPPlayerTests {
    @Test("one that goes on when there are too many streams is told that it cannot, and is not kept for ever")
    func failed() async throws {
        var timeouts = RTMPTimeouts()
        timeouts.idle = .seconds(3)
        let fixture = try await RTMPFixture(maximumStreams: 1, timeouts: timeouts)
        defer { fixture.stop() }
        let first = try fixture.client()
        try first.play("a")
        try first.say(.pause(true, milliseconds: 0), on: 1)
        try first.wait(for: "onStatus@1 NetStream.Pause.Notify")
        let second = try fixture.client()
        try second.play("b")
        try first.say(.pause(false, milliseconds: 0), on: 1)
        #expect(
            try first.wait(for: "onStatus@1 NetStream.Play.Failed")
                == ["onStatus@1 NetStream.Unpause.Notify", "onStatus@1 NetStream.Play.Failed"])
        #expect(fixture.metric("sluice_viewers{form=\"rtmp\"}") == 1)
        #expect(try first.waitForEnd() == .reset)
        #expect(second.socket.isSilent(for: 0))
    }

    @Test("one that takes nothing is broken off and counted, and the publisher goes on")
    func slow() async throws {
        var times = TCPOptions.Timeouts()
        times.write = .milliseconds(200)
        let fixture = try await RTMPFixture(tcp: TCPOptions(timeouts: times))
        defer { fixture.stop() }
        let player = try fixture.client(receiveBuffer: 16 << 10)
        try player.play("a")
        let publisher = try fixture.client()
        try publisher.publish("a")
        let picture = SharedBytes([0x17, 1, 0, 0, 0] + [UInt8](repeating: 7, count: 64 << 10))
        let viewers = "sluice_viewers{form=\"rtmp\"}"
        let deadline = ContinuousClock.now + .seconds(100)
        var time: UInt32 = 0
        // Its end is the last that is counted.
        while fixture.metric(viewers) != 0, ContinuousClock.now < deadline {
            for _ in 0..<16 {
                try publisher.video(picture, at: time)
                time += 40
            }
        }
        #expect(fixture.metric(viewers) == 0)
        #expect(fixture.metric("sluice_viewer_cuts_total{form=\"rtmp\",reason=\"slow\"}") == 1)
        #expect(fixture.metric("sluice_rtmp_cuts_total{reason=\"slow\"}") == 1)
        #expect(fixture.table.isPublished(.test("a")))
    }
}
