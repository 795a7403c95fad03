import Bytes
import Media
import Reactor
import Registry
import Testing

@testable import Proxy

@Suite("StreamSearch")
struct StreamSearchTests {
    private static let key = try! StreamKey(vhost: StreamKey.defaultVhost, segments: ["live", "s"])

    private static func at(_ seconds: Double) -> Instant { Instant(nanoseconds: 1 << 40) + .seconds(seconds) }

    /// A search among origins called by letters, and what it has asked.
    private final class Rig {
        let routing: StreamRouting
        var search: StreamSearch
        /// In the order in which they are to be asked.
        let order: [String]

        init(_ count: Int, mayWait: Bool = true) throws {
            let store = MemoryRegistry()
            for name in ["a", "b", "c", "d", "e", "f", "g"].prefix(count) {
                var endpoints = OriginEndpoints()
                endpoints.http = [Endpoint(port: 8_080)]
                let heartbeat = Heartbeat(
                    server: OriginID(name), instance: OriginInstance(service: "s", process: "1"),
                    host: HostName("10.0.0.5")!, endpoints: endpoints)
                _ = try store.beat(heartbeat, at: at(0))
            }
            routing = StreamRouting(store)
            search = StreamSearch(for: key, mayWait: mayWait, at: at(0))
            var tried: [OriginID] = []
            while let next = routing.next(for: key, .http, to: .view, tried: tried, at: at(0)) {
                tried.append(next.origin.id)
            }
            order = tried.map(\.text)
        }

        /// Whose turn it is, with a `+` where the viewer waits; nil at the end.
        func next(at seconds: Double = 0) -> String? {
            guard let choice = search.next(in: routing, at: at(seconds)) else { return nil }
            return choice.routed.origin.id.text + (choice.isPatient ? "+" : "")
        }

        /// Everything that is asked, each with the same outcome.
        func all(_ outcome: StreamSearch.Outcome, every seconds: Double = 0) -> [String] {
            var asked: [String] = []
            var now = 0.0
            while let next = next(at: now) {
                asked.append(next)
                search.note(outcome)
                now += seconds
            }
            return asked
        }
    }

    @Test(
        "an origin without others is waited at from the start, and once",
        arguments: [StreamSearch.Outcome.absent, .silent, .failed])
    fileprivate func alone(outcome: StreamSearch.Outcome) throws {
        let rig = try Rig(1)
        #expect(rig.all(outcome) == ["a+"])
    }

    @Test("each is asked what it has, and then the first is waited at, once")
    func absent() throws {
        var rig = try Rig(3)
        #expect(rig.all(.absent) == rig.order + ["\(rig.order[0])+"])
        rig = try Rig(3, mayWait: false)
        #expect(rig.all(.absent) == rig.order)
    }

    @Test("those that have failed are not waited at")
    func failed() throws {
        var rig = try Rig(3)
        #expect(rig.all(.failed) == rig.order)
        rig = try Rig(3)
        for outcome in [StreamSearch.Outcome.failed, .silent, .absent] {
            #expect(rig.next() != nil)
            rig.search.note(outcome)
        }
        #expect(rig.next() == "\(rig.order[2])+", "one that has said no rather than one that says nothing")
        rig.search.note(.failed)
        #expect(rig.next() == nil)
    }

    @Test("those that say nothing are waited at where all do, until the time is up")
    func silent() throws {
        var rig = try Rig(2)
        #expect(rig.all(.silent, every: 3) == rig.order + rig.order.map { "\($0)+" })
        rig = try Rig(2)
        for second in [0, 3] as [Double] {
            #expect(rig.next(at: second) != nil)
            rig.search.note(.silent)
        }
        #expect(rig.next(at: 6) == "\(rig.order[0])+")
        rig.search.note(.silent)
        #expect(rig.next(at: 21) == nil)
    }

    @Test("no more than five are asked, and none after 10 s; a request for each of them and the waiting are bounded")
    func bounds() throws {
        var rig = try Rig(7)
        #expect(rig.all(.absent) == rig.order.prefix(5) + ["\(rig.order[0])+"])
        rig = try Rig(7)
        #expect(rig.all(.silent, every: 3).count == 7, "four within 10 s, and three within 20 s")
        rig = try Rig(7)
        #expect(rig.all(.silent).count == StreamSearch.maximumRequests)
    }

    @Test("a stream's owner is waited at, and the others are asked where it fails")
    func owner() throws {
        let rig = try Rig(3)
        #expect(rig.next() == rig.order[0])
        let routed = try #require(
            rig.routing.next(for: Self.key, .http, to: .view, tried: [OriginID(rig.order[0])], at: Self.at(0)))
        let choice = rig.search.move(to: routed)
        #expect(choice.isPatient && choice.routed == routed)
        rig.search.note(.absent)
        #expect(rig.next(at: 9) == rig.order[0])
        rig.search.note(.absent)
        #expect(rig.next(at: 9) == rig.order[2])
        rig.search.note(.absent)
        #expect(rig.next(at: 9) == "\(rig.order[0])+")
    }
}
