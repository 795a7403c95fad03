import LoopKit
import Media
import RTMP
import Reactor
import TestKit
import Testing

@testable import Origin

@Suite("Publishers of RTMP that find their stream taken", .ownThread)
struct RTMPConflictTests {
    /// Connections that are read at a pace are looked at so rarely here that nobody hears of an end in time by chance.
    private func fixture(loops: Int = 1, busy: Duration) async throws -> RTMPFixture {
        var limits = LoopLimits()
        limits.pacedInterval = .milliseconds(200)
        var timeouts = RTMPTimeouts()
        timeouts.busy = busy
        return try await RTMPFixture(loops: loops, limits: limits, timeouts: timeouts)
    }

    private static let answer = "onStatus@1 NetStream.Publish"

    @Test("one whose predecessor has just gone is let in, also from another loop", arguments: [0, 1], [true, false])
    func again(loop: Int, inGoodOrder: Bool) async throws {
        let fixture = try await fixture(loops: 2, busy: .milliseconds(800))
        defer { fixture.stop() }
        let first = try fixture.client()
        try first.publish("a")
        try first.video(Bodies.avcConfiguration, at: 0)
        let second = try fixture.client(loop)
        if inGoodOrder { first.socket.finish() } else { first.socket.reset() }
        try second.say(.publish(PublishRequest(name: "a")), on: 1)
        #expect(try second.wait(for: Self.answer) == ["onStatus@1 NetStream.Publish.Start"])
        #expect(fixture.metric("sluice_publish_refusals_total{reason=\"busy\"}") == 0)
        #expect(fixture.table.publisherCount == 1)
    }

    @Test("one whose predecessor stays is refused after a while; that one goes on, and so may this one elsewhere")
    func refused() async throws {
        let fixture = try await fixture(busy: .milliseconds(60))
        defer { fixture.stop() }
        let viewer = try fixture.client()
        try viewer.play("a")
        let first = try fixture.client()
        try first.publish("a")
        let second = try fixture.client()
        let began = ContinuousClock.now
        try second.say(.publish(PublishRequest(name: "a")), on: 1)
        #expect(try second.wait(for: Self.answer) == ["onStatus@1 NetStream.Publish.BadName"])
        #expect(ContinuousClock.now - began >= .milliseconds(60))
        #expect(fixture.metric("sluice_publish_refusals_total{reason=\"busy\"}") == 1)
        try second.publish("b")
        try first.video(Bodies.avcConfiguration, at: 0)
        try first.video(Bodies.key(7), at: 0)
        try viewer.wait(for: "video@1 K7")
    }

    @Test("what it has sent behind its wish is taken in its order when it is let in")
    func pipelined() async throws {
        let fixture = try await fixture(busy: .milliseconds(800))
        defer { fixture.stop() }
        let viewer = try fixture.client()
        try viewer.play("a")
        let first = try fixture.client()
        try first.publish("a")
        let second = try fixture.client()
        // At once, and more than one read takes.
        var bytes = try second.bytes(of: .publish(PublishRequest(name: "a")), on: 1)
        bytes += second.media(.video, Bodies.avcConfiguration, at: 0)
        for number in 0..<2_000 {
            bytes += second.media(.video, Bodies.key(UInt8(number % 200), size: 200), at: UInt32(number))
        }
        bytes += try second.bytes(of: .createStream)
        try second.socket.send(bytes)
        #expect(second.socket.isSilent(for: 50))
        first.socket.finish()
        #expect(
            try second.wait(for: "_result 4 = 2")
                == ["onStatus@1 NetStream.Publish.Start", "_result 4 = 2"])
        let seen = try viewer.wait(for: "video@1 K199").filter { $0.hasPrefix("video") }
        #expect(seen == (0..<200).map { "video@1 K\($0)" })
    }

    @Test("one that goes away while it waits leaves nothing behind", arguments: [true, false])
    func leaves(inGoodOrder: Bool) async throws {
        // Who breaks off is noticed while nothing is read, whose end is one must be read at.
        let fixture = try await fixture(busy: inGoodOrder ? .milliseconds(200) : .seconds(3_600))
        defer { fixture.stop() }
        let first = try fixture.client()
        try first.publish("a")
        let second = try fixture.client()
        try second.say(.publish(PublishRequest(name: "a")), on: 1)
        #expect(second.socket.isSilent(for: 50))
        if inGoodOrder { second.socket.finish() } else { second.socket.reset() }
        #expect(try await fixture.hasConnections(1))
        #expect(fixture.table.publisherCount == 1)
        first.socket.finish()
        #expect(try await fixture.hasConnections(0))
        #expect(fixture.table.streamCount == 0)
        let timers = try await fixture.onLoop { loop, confined in loop.armedTimers - confined.timers }
        #expect(timers <= 0)
    }

    @Test("one that waits does not hold up the drain")
    func drain() async throws {
        let fixture = try await fixture(busy: .milliseconds(300))
        defer { fixture.stop() }
        let first = try fixture.client()
        try first.publish("a")
        let second = try fixture.client()
        try second.say(.publish(PublishRequest(name: "a")), on: 1)
        #expect(second.socket.isSilent(for: 50))
        try await fixture.drain()
        #expect(try second.waitForEnd() == .ended)
        #expect(!second.lines.contains { $0.hasPrefix(Self.answer) })
        second.socket.finish()
        #expect(try await fixture.hasConnections(1))
        first.socket.finish()
        try await fixture.log.wait(for: "drained")
    }
}
