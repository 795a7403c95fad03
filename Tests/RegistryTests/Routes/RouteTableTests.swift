import Bytes
import Registry
import TestKit
import Testing

@Suite("RouteTable")
struct RouteTableTests {
    private typealias S = Samples

    private static func table(maximum: Int = 100_000, lifetime: Duration? = nil) -> RouteTable {
        var limits = RouteTable.Limits()
        limits.maximumRoutes = maximum
        limits.lifetime = lifetime
        return RouteTable(.webRTC, limits: limits)
    }

    @Test("a route ends to the nanosecond, unless it is remembered again")
    func lifetime() {
        var table = Self.table()
        let route = S.route("u", "o")
        table.remember(route, at: S.at(0))
        table.remember(route, at: S.at(100))
        #expect(table.route(of: route.key, at: S.at(220) + .nanoseconds(-1)) == route)
        #expect(table.route(of: route.key, at: S.at(220)) == nil && table.left(route.key, at: S.at(220)) == nil)
        #expect(table.left(route.key, at: S.at(210))?.left == .seconds(10))
        let early = table.expire(at: S.at(219))
        let late = table.expire(at: S.at(220))
        #expect(early.isEmpty && late == [route.key] && table.counts.present == 0 && table.counts.remembered == 1)
    }

    @Test("one that others have lasts until they say so")
    func adopted() {
        var table = Self.table()
        let route = S.route("u", "o")
        table.adopt(route, at: S.at(0))
        let ended = table.expire(at: S.at(10_000))
        #expect(ended.isEmpty && table.route(of: route.key, at: S.at(10_000)) == route)
        table.forget(route.key)
        #expect(table.route(of: route.key, at: S.at(0)) == nil)
    }

    @Test("a key leads where it was last said to lead")
    func replaced() {
        var table = Self.table()
        table.remember(S.route("u", "o"), at: S.at(0))
        table.remember(S.route("u", "p"), at: S.at(1))
        #expect(table.route(of: S.routeKey("u"), at: S.at(1)) == S.route("u", "p") && table.counts.present == 1)
    }

    @Test("where there is no room the one that was remembered longest ago gives way")
    func eviction() {
        var table = Self.table(maximum: 3)
        for name in ["a", "b", "c", "a", "d"] { table.remember(S.route(name, "o"), at: S.at(0)) }
        let names = Set(table.all(at: S.at(0)).map(\.route.key.text))
        #expect(names == ["a", "c", "d"] && table.counts.evicted == 1 && table.counts.remembered == 4)
        table.remember(S.route("e", "o"), at: S.at(200))
        #expect(table.counts.evicted == 1 && table.counts.present == 3, "one whose time was over")
    }

    @Test("random changes leave what a naive list says", arguments: UInt64(1)...4)
    func model(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var table = Self.table(maximum: 8, lifetime: .seconds(10))
        var list: [(route: Route, ends: Instant)] = []
        for step in 0..<5_000 {
            let now = S.at(Double(step) / 2)
            let route = S.route("\(random.next() % 12)", "\(random.next() % 3)")
            switch random.next() % 8 {
            case 0:
                table.forget(route.key)
                list.removeAll { $0.route.key == route.key }
            case 1:
                let ended = table.expire(at: now)
                #expect(ended == list.filter { $0.ends <= now }.map(\.route.key))
                list.removeAll { $0.ends <= now }
            default:
                table.remember(route, at: now)
                let isKnown = list.contains { $0.route.key == route.key }
                list.removeAll { $0.route.key == route.key }
                if !isKnown, list.count == 8 { list.removeFirst() }
                list.append((route, now + .seconds(10)))
            }
            #expect(table.counts.present == list.count)
            for name in 0..<12 {
                let expected = list.first { $0.route.key.text == "\(name)" && $0.ends > now }?.route
                #expect(table.route(of: S.routeKey("\(name)"), at: now) == expected)
            }
        }
    }

    @Test(
        "a key is visible ASCII of up to 256 bytes",
        arguments: [
            ("a", true), ("a+/9", true), (String(repeating: "u", count: 256), true), ("", false),
            (String(repeating: "u", count: 257), false), ("a b", false), ("a\n", false), ("ä", false),
            ("\u{7F}", false),
            ("u\u{301}", false),
        ])
    func keys(text: String, isOne: Bool) { #expect((RouteKey(.webRTC, text) != nil) == isOne) }
}

extension Samples {
    static func routeKey(_ text: String) -> RouteKey { RouteKey(.webRTC, text)! }

    static func route(_ text: String, _ origin: String, service: String = "s1") -> Route {
        Route(key: routeKey(text), origin: OriginID(origin), instance: instance(service))
    }
}
