import Reactor
import Registry
import Testing

@Suite("OriginService")
struct OriginServiceTests {
    @Test(
        "an origin is reached at its endpoints in their order, each once, but not over a transport of something else",
        arguments: [
            (.rtmp, ["1935", "tcp://1936", "udp://1937", "1935"], ["10.0.0.5:1935", "10.0.0.5:1936"]),
            (.rtmp, ["10.0.0.9:1935", "tcp://0.0.0.0:1935"], ["10.0.0.9:1935", "10.0.0.5:1935"]),
            (.rtmp, ["udp://1935"], []), (.http, ["udp://8080", "8081"], ["10.0.0.5:8081"]),
            (.srt, ["tcp://1", "udp://2", "3"], ["10.0.0.5:2", "10.0.0.5:3"]),
            (.webRTC, ["udp://8000", "tcp://8000", "tcp://8001"], ["10.0.0.5:8000", "10.0.0.5:8001"]),
        ] as [(OriginService, [String], [String])])
    func addresses(service: OriginService, endpoints: [String], expected: [String]) throws {
        let store = MemoryRegistry()
        var heartbeat = Samples.heartbeat("a")
        heartbeat.endpoints[service] = try endpoints.map { try Endpoint($0) }
        _ = try store.beat(heartbeat, at: Samples.at(0))
        let origin = try #require(store.origins[OriginID("a")])
        #expect(origin.addresses(of: service).map { "\($0.host):\($0.port)" } == expected)
        #expect(origin.has(service) == !expected.isEmpty)
        let next = StreamRouting(store).next(for: Samples.key("s"), service, at: Samples.at(0))
        #expect((next?.addresses ?? []) == origin.addresses(of: service))
    }
}
