import Glibc
import HTTP
import HTTPTransport
import LoopKit
import Media
import Reactor
import TestKit
import Testing

@testable import Origin

@Suite("Viewers of HTTP-FLV and WebSocket-FLV", .ownThread)
struct FLVSessionTests {
    @Test("one that goes away while it waits for a publisher frees its place at once", arguments: [true, false])
    func leaving(inGoodOrder: Bool) async throws {
        let fixture = try await FLVFixture()
        defer { fixture.stop() }
        let viewer = try fixture.viewer(.flv)
        #expect(await eventually { fixture.table.streamCount == 1 && fixture.places.count == 1 })
        let began = ContinuousClock.now
        if inGoodOrder { viewer.finish() } else { viewer.reset() }
        #expect(await eventually { fixture.table.streamCount == 0 && fixture.places.count == 0 })
        #expect(ContinuousClock.now - began < FLVSession.publisherWait / 2)
        #expect(fixture.cuts(.flv) == [:])
    }

    @Test("one that prefers not to wait is told at once that there is no such stream")
    func withoutWaiting() async throws {
        let fixture = try await FLVFixture()
        defer { fixture.stop() }
        let began = ContinuousClock.now
        let viewer = try fixture.viewer(.flv, "Prefer: x, wait=0\r\n")
        #expect(String(decoding: try viewer.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 404 "))
        #expect(fixture.table.streamCount == 0 && ContinuousClock.now - began < FLVSession.publisherWait / 2)
    }

    @Test("one that takes nothing is broken off and counted", arguments: [OriginMetrics.Form.flv, .webSocketFLV])
    func slow(form: OriginMetrics.Form) async throws {
        let fixture = try await FLVFixture(writeTimeout: .milliseconds(200))
        defer { fixture.stop() }
        let viewer = try fixture.viewer(form)
        #expect(await eventually { fixture.viewers(form) == 1 })
        try await fixture.publish()
        let deadline = ContinuousClock.now + .seconds(100)
        while fixture.viewers(form) != 0, ContinuousClock.now < deadline { try await fixture.sendPictures() }
        #expect(fixture.viewers(form) == 0)
        #expect(fixture.cuts(form) == [.slow: 1])
        #expect(!viewer.isSilent(for: 0))
    }

    @Test("one that goes in the middle of a stream is not counted", arguments: [OriginMetrics.Form.flv, .webSocketFLV])
    func gone(form: OriginMetrics.Form) async throws {
        let fixture = try await FLVFixture()
        defer { fixture.stop() }
        let viewer = try fixture.viewer(form)
        #expect(await eventually { fixture.viewers(form) == 1 })
        try await fixture.publish()
        try await fixture.sendPictures()
        viewer.reset()
        #expect(await eventually { fixture.viewers(form) == 0 })
        #expect(fixture.cuts(form) == [:])
    }

    @Test("what the end of a connection counts as")
    func reasons() {
        let counted: [(TCPCloseReason, OriginMetrics.ViewerCut?)] = [
            (.timeout(.write), .slow), (.outputOverflow, .slow), (.timeout(.owner), .silent), (.timeout(.idle), nil),
            (.timeout(.handshake), nil), (.closed, nil), (.aborted, nil), (.reset, nil), (.shutdown, nil),
        ]
        for (reason, cut) in counted { #expect(OriginMetrics.ViewerCut(reason) == cut) }
    }
}
