import LoopKit
import Media
import RTMP
import TestKit
import Testing

@testable import Origin

@Suite("Players of RTMP", .ownThread)
struct RTMPPlayerTests {
    @Test("one that goes on when there are too many streams is told that it cannot, and is not kept for ever")
    func failed() async throws {
        var timeouts = RTMPTimeouts()
        timeouts.idle = .milliseconds(300)
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
}
