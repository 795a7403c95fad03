import Bytes
import Foundation
import Media
import Reactor
import Registry
import Service
import Testing

@testable import Proxy

@Suite("Listings of the registry")
struct ListingTests {
    private static func heartbeat(_ name: String) -> Heartbeat {
        var endpoints = OriginEndpoints()
        endpoints.rtmp = [Endpoint(transport: .tcp, host: HostName("::1"), port: 1_935)]
        endpoints.webRTC = [Endpoint(port: 8_000)]
        return Heartbeat(
            server: OriginID(name), instance: OriginInstance(service: "s1", process: "7"), host: HostName("10.0.0.5")!,
            endpoints: endpoints)
    }

    /// A registry with two origins, of which the first has `streams`, as all of this was told at `now`: what the
    /// listings say depends on no machine's speed.
    private static func store(streams: Int, at now: Instant) async throws -> MemoryRegistry {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let store = MemoryRegistry { _ in now }
        try await group.loops[0].run { actor in
            for name in ["a", "b"] { _ = try store.beat(heartbeat(name), at: now) }
            for index in 0..<streams {
                let key = try StreamKey(vhost: "v.example", segments: ["live", "\"\(index)\""])
                let request = ClaimRequest(
                    key: key, origin: OriginID("a"), instance: OriginInstance(service: "s1", process: "7"))
                store.claim(request, on: actor.loop) { _ in }
            }
        }.value
        return store
    }

    private static func data(_ text: SharedBytes) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(text.array)) as? [String: Any]
        return try #require(object?["data"] as? [String: Any])
    }

    @Test("streams are listed with who has them, in parts that lead to the next")
    func streams() async throws {
        let now = MonotonicClock.now()
        let store = try await Self.store(streams: 250, at: now)
        var names: [String] = []
        var start: Int? = 0
        while let from = start {
            let page = ListingPage(start: "\(from)", count: nil)
            let claims = store.claims(from: page.start, count: page.count, at: now + .seconds(1))
            let audiences = claims.items.map { _ in Audience(publishers: 1, viewers: 2) }
            let data = try Self.data(StreamListing.text(claims, audiences, ServerIdentity()))
            #expect(data["total"] as? Int == 250)
            let streams = try #require(data["streams"] as? [[String: Any]])
            #expect(!streams.isEmpty && streams.count <= 100)
            for stream in streams {
                names.append(try #require(stream["name"] as? String))
                #expect(stream["stream"] as? String == "v.example/live/\(names.last!)")
                #expect(stream["vhost"] as? String == "v.example" && stream["app"] as? String == "live")
                #expect(stream["server"] as? String == "a" && stream["service"] as? String == "s1")
                #expect((1...250).contains(stream["epoch"] as? Int ?? 0) && stream["live_ms"] as? Int == 1_000)
                #expect(stream["lease_ms"] as? Int == 29_000)
                #expect(stream["publishers"] as? Int == 1 && stream["viewers"] as? Int == 2)
            }
            start = data["next"] as? Int
        }
        #expect(Set(names) == Set((0..<250).map { "\"\($0)\"" }) && names.count == 250)
    }

    @Test("origins are listed with their streams, their load, and what of them has failed")
    func origins() async throws {
        let now = MonotonicClock.now()
        let store = try await Self.store(streams: 3, at: now)
        let routing = StreamRouting(store)
        routing.failed(OriginID("b"), .rtmp, .refused, at: now)
        let page = ListingPage(start: nil, count: nil)
        let data = try Self.data(OriginListing.text(routing, page, ServerIdentity(), at: now))
        let origins = try #require(data["origins"] as? [[String: Any]])
        #expect(origins.map { $0["streams"] as? Int } == [3, 0] && origins.map { $0["load"] as? Int } == [3, 0])
        #expect(origins.map { $0["failing"] as? [String] } == [[], ["rtmp"]])
        let failures = origins.map { $0["failures"] as? [String: [String: Any]] }
        let failure = try #require(failures[1]?["rtmp"])
        #expect(failures[0]?.isEmpty == true && failures[1]?.count == 1)
        #expect(failure["reason"] as? String == "the connection was refused" && failure["attempts"] as? Int == 1)
        #expect(failure["since_ms"] as? Int == 0 && (700...1_300).contains(failure["retry_ms"] as? Int ?? 0))
        let later = now + .seconds(10)
        let one = try Self.data(#require(OriginListing.one(routing, OriginID("b"), ServerIdentity(), at: later)))
        let all = (one["origin"] as? [String: Any])?["failures"] as? [String: [String: Any]]
        #expect(all?["rtmp"]?["since_ms"] as? Int == 10_000 && all?["rtmp"]?["retry_ms"] as? Int == 0)
        #expect(origins[0]["rtmp"] as? [String] == ["tcp://[::1]:1935"])
        #expect(origins[0]["rtc"] as? [String] == ["10.0.0.5:8000"])
    }
}
