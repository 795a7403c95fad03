import LoopKit
import Media
import RTMP
import Reactor
import TestKit
import Testing

@testable import Origin

@Suite("Connections of RTMP", .ownThread)
struct RTMPConnectionTests {
    private static let idleCuts = "sluice_rtmp_cuts_total{reason=\"idle\"}"

    enum Stage: CaseIterable {
        case nothing, firstByte, almostAll, handshake
    }

    @Test("who does not come to the end of `connect` in time is broken off", arguments: Stage.allCases)
    func handshake(stage: Stage) async throws {
        var timeouts = RTMPTimeouts()
        timeouts.handshake = .milliseconds(150)
        let fixture = try await RTMPFixture(timeouts: timeouts)
        defer { fixture.stop() }
        let began = ContinuousClock.now
        let client = try RTMPClient(port: fixture.port())
        switch stage {
        case .nothing: break
        case .firstByte: try client.socket.send([3])
        case .almostAll: try client.socket.send([3] + [UInt8](repeating: 0, count: 1_535))
        case .handshake: try client.shakeHands()
        }
        #expect(try client.waitForEnd() == .reset)
        #expect(ContinuousClock.now - began >= .milliseconds(150))
        #expect(try await fixture.hasConnections(0))
        #expect(fixture.metric(Self.idleCuts) == 1)
    }

    @Test("who is connected and neither publishes nor plays is broken off; who waits for a publisher is not")
    func idle() async throws {
        var timeouts = RTMPTimeouts()
        timeouts.idle = .milliseconds(250)
        let fixture = try await RTMPFixture(timeouts: timeouts)
        defer { fixture.stop() }
        let player = try fixture.client()
        try player.play("a")
        let idle = try fixture.client()
        #expect(try idle.waitForEnd() == .reset)
        #expect(fixture.metric(Self.idleCuts) == 1)
        try await fixture.pass(.milliseconds(300))
        #expect(try await fixture.hasConnections(1))
        // One that has closed its stream is idle from then on.
        try player.say(.closeStream, on: 1)
        #expect(try player.waitForEnd() == .reset)
        #expect(fixture.metric(Self.idleCuts) == 2)
    }

    @Test("a publisher that sends nothing is broken off, and its stream is free", arguments: [false, true])
    func silent(hasBegun: Bool) async throws {
        var settings = HostSettings()
        settings.firstFrameTimeout = .milliseconds(hasBegun ? 20_000 : 200)
        settings.frameTimeout = .milliseconds(hasBegun ? 200 : 20_000)
        let fixture = try await RTMPFixture(settings: settings)
        defer { fixture.stop() }
        let client = try fixture.client()
        try client.publish("a")
        if hasBegun { try client.video(Bodies.key(0), at: 0) }
        #expect(try client.waitForEnd() == .reset)
        #expect(fixture.metric("sluice_rtmp_cuts_total{reason=\"silent\"}") == 1)
        #expect(await eventually { fixture.table.streamCount == 0 })
        try fixture.client().publish("a")
    }

    @Test("who does not speak RTMP is broken off, and counted")
    func malformed() async throws {
        let fixture = try await RTMPFixture()
        defer { fixture.stop() }
        let client = try RTMPClient(port: fixture.port())
        try client.shakeHands()
        // The beginning of a command of 16 MB.
        try client.socket.send([3, 0, 0, 0, 0xFF, 0xFF, 0xFF, 20, 0, 0, 0, 0, 0])
        #expect(try client.waitForEnd() == .reset)
        #expect(fixture.metric("sluice_rtmp_cuts_total{reason=\"malformed\"}") == 1)
    }

    @Test("a player that pauses gets nothing, and goes on at a key frame")
    func pause() async throws {
        var settings = HostSettings()
        settings.policy.mergeLatency = .zero
        settings.policy.groupCache.isEnabled = false
        let fixture = try await RTMPFixture(settings: settings)
        defer { fixture.stop() }
        let (player, other) = (try fixture.client(), try fixture.client())
        try player.play("a")
        try other.play("a")
        let publisher = try fixture.client()
        try publisher.publish("a")
        try publisher.video(Bodies.avcConfiguration, at: 0)
        // Sound, so that it is known which tracks there are.
        try publisher.socket.send(publisher.media(.audio, Bodies.aacConfiguration, at: 0))
        try publisher.video(Bodies.key(1), at: 0)
        try player.wait(for: "video@1 K1")
        try player.say(.pause(true, milliseconds: 0), on: 1)
        try player.wait(for: "onStatus@1 NetStream.Pause.Notify")
        try publisher.video(Bodies.key(2), at: 40)
        try other.wait(for: "video@1 K2")
        try player.say(.pause(false, milliseconds: 0), on: 1)
        try player.wait(for: "onStatus@1 NetStream.Unpause.Notify")
        try publisher.video(Bodies.inter(3), at: 80)
        try other.wait(for: "video@1 P3")
        try publisher.video(Bodies.key(4), at: 120)
        try player.wait(for: "video@1 K4")
        #expect(player.lines.filter { $0.hasPrefix("video") } == ["video@1 K1", "video@1 K4"])
    }

    @Test(
        "a publisher that ends by a command may go on with the same connection, and others with the stream",
        arguments: [ClientCommand.fcUnpublish("a"), .closeStream, .deleteStream(id: 1)])
    func commandAfterPublish(end: ClientCommand) async throws {
        let fixture = try await RTMPFixture()
        defer { fixture.stop() }
        let client = try fixture.client()
        try client.publish("a")
        try client.video(Bodies.avcConfiguration, at: 0)
        try client.video(Bodies.key(1), at: 0)
        // Behind media, and in one piece with what comes next.
        let again = ClientCommand.publish(PublishRequest(name: "b"))
        let stream: UInt32 = end == .closeStream ? 1 : 0
        var bytes = try client.bytes(of: end, on: stream)
        bytes += try client.bytes(of: again, on: 1)
        try client.socket.send(bytes)
        try client.wait(for: "onStatus@1 NetStream.Publish.Start")
        #expect(!fixture.table.isPublished(.test("a")) && fixture.table.isPublished(.test("b")))
        try fixture.client().publish("a")
        #expect(fixture.metric("sluice_publishers{form=\"rtmp\"}") == 2)
    }

    @Test("one connection may publish a stream and play it")
    func both() async throws {
        let fixture = try await RTMPFixture()
        defer { fixture.stop() }
        let client = try fixture.client()
        try client.publish("a")
        try client.say(.createStream)
        try client.wait(for: "_result 4 = 2")
        try client.play("a", on: 2)
        try client.video(Bodies.avcConfiguration, at: 0)
        try client.socket.send(client.media(.audio, Bodies.aacConfiguration, at: 0))
        try client.video(Bodies.key(5), at: 0)
        try client.wait(for: "video@2 K5")
        // The other message stream is in use.
        try client.say(.publish(PublishRequest(name: "c")), on: 2)
        try client.wait(for: "onStatus@2 NetStream.Publish.BadName")
        #expect(fixture.table.publisherCount == 1)
    }

    @Test("a drain ends who is idle, lets who publishes and plays go on, and is over when they have gone")
    func drain() async throws {
        let fixture = try await RTMPFixture()
        defer { fixture.stop() }
        let (player, publisher) = (try fixture.client(), try fixture.client())
        try player.play("a")
        try publisher.publish("a")
        let idle = [try fixture.client(), try RTMPClient(port: fixture.port())]
        #expect(try await fixture.hasConnections(4))
        try await fixture.drain()
        for client in idle {
            #expect(try client.waitForEnd() == .ended)
            client.socket.finish()
        }
        #expect(try await fixture.hasConnections(2))
        #expect(throws: LoopbackSocket.Failure.self) { try LoopbackSocket(port: fixture.port()) }
        try publisher.video(Bodies.avcConfiguration, at: 0)
        try publisher.socket.send(publisher.media(.audio, Bodies.aacConfiguration, at: 0))
        try publisher.video(Bodies.key(9), at: 0)
        try player.wait(for: "video@1 K9")
        #expect(fixture.log.events.isEmpty)
        publisher.socket.finish()
        player.socket.finish()
        try await fixture.log.wait(for: "drained")
    }
}
