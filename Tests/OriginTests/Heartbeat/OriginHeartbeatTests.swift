import Bytes
import Reactor
import Registry
import Service
import Testing

@testable import Origin

@Suite("What an origin's heartbeat says")
struct OriginHeartbeatTests {
    private static let machine: [SocketAddress.Host] = ["10.0.0.5", "192.168.7.1", "2001:db8::5"].map {
        SocketAddress.Host(literal: $0)!
    }

    private static func listening(_ port: OriginPort, _ address: String) throws -> Listening {
        Listening(
            setting: "listen", service: port.rawValue, scheme: .rtmp, address: try SocketAddress(listening: address))
    }

    private static func heartbeat(
        _ listenings: [Listening], network: Int = 0, machine: [SocketAddress.Host] = machine,
        _ change: (inout OriginConfiguration.Heartbeat) -> Void = { _ in }
    ) -> Heartbeat {
        var settings = OriginConfiguration().heartbeat
        settings.withPorts = true
        change(&settings)
        return Heartbeat(
            of: ServerIdentity(server: "origin-1"), settings, listenings, network: network, machine: machine)
    }

    @Test("who it is, and the ports that are listened on")
    func all() throws {
        let beat = Self.heartbeat([
            try Self.listening(.rtmp, "1935"), try Self.listening(.rtmp, "10.0.0.9:19350"),
            try Self.listening(.rtmps, "1443"), try Self.listening(.http, "[::1]:8080"),
            try Self.listening(.https, "8088"), try Self.listening(.api, "127.0.0.1:1985"),
            try Self.listening(.exporter, "9972"),
        ]) { $0.deviceID = "rack 7" }
        #expect(beat.server.text == "origin-1" && beat.device == "rack 7" && beat.host.description == "10.0.0.5")
        #expect(beat.instance.service.count == 8 && beat.state == .serving && beat.weight == .usual)
        #expect(beat.endpoints.rtmp.map(\.text) == ["1935", "10.0.0.9:19350"])
        #expect(beat.endpoints.http.map(\.text) == ["[::1]:8080"])
        #expect(beat.endpoints.api.map(\.text) == ["127.0.0.1:1985"])
        #expect(beat.endpoints.srt.isEmpty && beat.endpoints.webRTC.isEmpty && beat.endpoints.rtsp.isEmpty)
    }

    @Test("its weight, its zone and its labels, as a proxy reads them")
    func labels() throws {
        let beat = Self.heartbeat([try Self.listening(.rtmp, "1935")]) {
            $0.weight = 300
            $0.zone = "eu-1"
            $0.labels = [.init(name: "a", text: "1"), .init(name: "b", text: ""), .init(name: "a", text: "2")]
        }
        let read = try Heartbeat(json: beat.json(nil))
        #expect(read == beat && read.weight == OriginWeight(300) && read.zone == OriginZone("eu-1"))
        #expect(read.labels == ["a": "2", "b": ""], "the later of two")
        #expect(Self.heartbeat([try Self.listening(.rtmp, "1935")]).zone == nil)
    }

    @Test("no ports where `heartbeat.ports` is off, and no device where none is set")
    func withoutPorts() throws {
        let beat = Self.heartbeat([try Self.listening(.rtmp, "1935")]) { $0.withPorts = false }
        #expect(beat.endpoints == OriginEndpoints() && beat.device == nil)
    }

    @Test(
        "the address that `stats.network` chooses among those that the port is reached by",
        arguments: [
            ("1935", 0, "10.0.0.5"), ("1935", 1, "192.168.7.1"), ("1935", 2, "2001:db8::5"), ("1935", 3, "10.0.0.5"),
            ("0.0.0.0:1935", 2, "10.0.0.5"), ("10.0.0.9:1935", 0, "10.0.0.9"), ("127.0.0.1:1935", 1, "127.0.0.1"),
            ("[::1]:1935", 0, "::1"),
        ])
    func host(listen: String, network: Int, host: String) throws {
        let beat = Self.heartbeat([try Self.listening(.rtmp, listen)], network: network)
        #expect(beat.host.description == host)
    }

    @Test("the loopback on a machine without a network")
    func alone() throws {
        #expect(Self.heartbeat([try Self.listening(.rtmp, "1935")], machine: []).host.description == "127.0.0.1")
    }

    @Test("a second listener that takes every address makes the machine's address the one that is told")
    func mixed() throws {
        let beat = Self.heartbeat([try Self.listening(.rtmp, "127.0.0.1:1936"), try Self.listening(.rtmp, "1935")])
        #expect(beat.host.description == "10.0.0.5")
        #expect(beat.endpoints.rtmp.map(\.text) == ["127.0.0.1:1936", "1935"])
    }
}
