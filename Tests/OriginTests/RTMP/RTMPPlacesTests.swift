import LoopKit
import RTMP
import Reactor
import TestKit
import Testing

@testable import Origin

@Suite("The places of connections of RTMP", .ownThread)
struct RTMPPlacesTests {
    @Test("connections that never come to `connect` take no place, and the oldest of them gives way")
    func halfOpen() async throws {
        let fixture = try await RTMPFixture(maximumConnections: 8)
        defer { fixture.stop() }
        #expect(fixture.places.maximumHalfOpen == 2)
        let halfOpen = try (0..<30).map { number in
            let client = try RTMPClient(port: fixture.port())
            if number.isMultiple(of: 2) { try client.shakeHands() }
            return client
        }
        for client in halfOpen.dropLast(2) { #expect(try client.waitForEnd() == .reset) }
        // Each of these is half open for a moment, and then has a place.
        var clients: [RTMPClient] = []
        for number in 0..<8 {
            let client = try fixture.client()
            try client.play(AMFString("\(number)"))
            clients.append(client)
        }
        #expect(fixture.places.count == 8 && fixture.places.isFull)
        for client in clients { #expect(client.socket.isSilent(for: 0)) }
        clients = []
        #expect(try await fixture.hasConnections(1))
        #expect(fixture.places.count == 0)
        withExtendedLifetime(halfOpen) {}
    }

    @Test("where all places are taken who is half open is refused at `connect`, and who comes then is turned away")
    func full() async throws {
        let fixture = try await RTMPFixture(maximumConnections: 1)
        defer { fixture.stop() }
        let early = try RTMPClient(port: fixture.port())
        try early.shakeHands()
        let first = try fixture.client()
        try early.say(.connect(ConnectRequest(properties: AMFProperties([("app", .string("live"))]))))
        try early.wait(for: "_error 1 NetConnection.Connect.Rejected")
        #expect(try early.waitForEnd() == .ended)
        early.socket.finish()
        #expect(try await fixture.hasConnections(1))
        let late = try RTMPClient(port: fixture.port())
        #expect(try late.waitForEnd() != .tooSlow)
        // A place is free again as soon as its connection has gone.
        first.socket.reset()
        #expect(try await fixture.hasConnections(0))
        #expect(fixture.places.count == 0)
        try fixture.client().play("a")
    }
}
