import LoopKit
import RTMP
import RTMPTransport
import Reactor
import Registry
import Testing

@testable import Proxy

@Suite("RTMP sessions that come back", .timeLimit(.minutes(1)))
struct RelayPassageTests {
    private static let circles = "sluice_passages_refused_total{protocol=\"rtmp\",reason=\"circle\"}"

    @Test(
        "are refused at the first turn, and the client of the first one is told why",
        arguments: [(ProxyRig.publish, StatusCode.publishDenied), (ProxyRig.play, .playFailed)])
    fileprivate func alone(purpose: ClientSession.Purpose, code: StatusCode) async throws {
        try await withRig([]) { actor, rig in
            try rig.register("self", dead: [rig.port])
            let client = RigClient(purpose, of: rig)
            try await actor.wait(for: "a refusal") { client.refusal != nil }
            #expect(client.refusal?.code == code)
            #expect(client.refusal?.description?.string == PassageFault.circle.text)
            #expect(rig.count(Self.circles) == 1)
            #expect(rig.context.routing.fullServices(of: OriginID("self"), at: rig.loop.now) == [.rtmp])
            #expect(rig.context.routing.failingServices(of: OriginID("self")).isEmpty)
        }
    }

    @Test("go on to an origin that leads nowhere else, which is asked first from then on")
    func beside() async throws {
        try await withRig(["a"]) { actor, rig in
            let order = rig.order
            try rig.register("self", dead: [rig.port])
            var clients: [RigClient] = []
            for round in 1...6 {
                let player = RigClient(ProxyRig.play, of: rig)
                try await actor.wait(for: "the stream") { player.accepted == 1 || player.isClosed }
                #expect(player.accepted == 1 && order[0].running.count == round)
                clients.append(player)
            }
            #expect(rig.count(Self.circles) <= 1)
            for client in clients { client.socket?.close() }
        }
    }

    @Test("name at the origin all proxies that they came through, and keep what else they had")
    func names() async throws {
        try await withRig(["a"]) { actor, rig in
            var connect = ProxyRig.connect
            connect.properties["own"] = .number(7)
            connect.properties[ConnectRequest.passageProperty] = .string("sluice-x")
            let player = RigClient(ProxyRig.play, connect: connect, of: rig)
            try await actor.wait(for: "the stream") { player.accepted == 1 }
            let arrived = try #require(rig.order[0].connects.first)
            #expect(try arrived.passage() == ["sluice-x", rig.context.passage.mark.name])
            #expect(arrived.properties["own"] == .number(7) && arrived.app == "live")
            #expect(arrived.properties.count == 4)
            player.socket?.close()
        }
    }

    @Test("through eight proxies already are refused")
    func long() async throws {
        try await withRig(["a"]) { actor, rig in
            var connect = ProxyRig.connect
            let names = (1...8).map { "sluice-\($0)" }.joined(separator: ",")
            connect.properties[ConnectRequest.passageProperty] = .string(AMFString(names))
            let player = RigClient(ProxyRig.play, connect: connect, of: rig)
            try await actor.wait(for: "the refusal") { player.refusal != nil && player.isClosed }
            #expect(player.refusal?.code == .connectRejected && rig.order[0].asked == 0)
            #expect(player.refusal?.description?.string == PassageFault.length.text)
            #expect(rig.count("sluice_passages_refused_total{protocol=\"rtmp\",reason=\"length\"}") == 1)
        }
    }
}
