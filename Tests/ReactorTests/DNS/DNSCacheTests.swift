import Bytes
import Testing

@testable import Reactor

@Suite("DNSCache")
struct DNSCacheTests {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)
    private static let addresses: DNSAnswer = .success([.v4(0x0A00_0001), .v6(high: 1, low: 2, scope: 0)])

    private static func cache(maximum: Int = 10) -> DNSCache {
        DNSCache(maximum: maximum, positive: .seconds(30), negative: .seconds(5))
    }

    @Test("addresses are good for their time and not longer")
    func positive() {
        var cache = Self.cache()
        let name = DNSName("a.example")!
        cache.store(Self.addresses, for: name, now: Self.start)
        for seconds in [0, 1, 29] {
            #expect(cache.answer(for: name, now: Self.start + .seconds(seconds)) == Self.addresses)
        }
        #expect(cache.answer(for: name, now: Self.start + .seconds(30)) == nil)
        #expect(cache.count == 0, "what has expired is not kept")
    }

    @Test("that a name does not exist is known for a shorter time")
    func negative() {
        var cache = Self.cache()
        let name = DNSName("gone.example")!
        cache.store(.failure(.notFound), for: name, now: Self.start)
        #expect(cache.answer(for: name, now: Self.start + .seconds(4)) == .failure(.notFound))
        #expect(cache.answer(for: name, now: Self.start + .seconds(5)) == nil)
    }

    @Test(
        "other failures are not kept",
        arguments: [DNSError.temporary, .timeout, .overloaded, .failed(-4), .shutDown, .cancelled])
    func failures(error: DNSError) {
        var cache = Self.cache()
        let name = DNSName("a.example")!
        cache.store(.failure(error), for: name, now: Self.start)
        #expect(cache.answer(for: name, now: Self.start) == nil)
        cache.store(Self.addresses, for: name, now: Self.start)
        cache.store(.failure(error), for: name, now: Self.start + .seconds(1))
        #expect(cache.answer(for: name, now: Self.start + .seconds(1)) == Self.addresses)
    }

    @Test("at the bound the name used longest ago makes room")
    func bound() {
        var cache = Self.cache(maximum: 3)
        let names = (0..<5).map { DNSName("n\($0).example")! }
        for name in names.prefix(3) { cache.store(Self.addresses, for: name, now: Self.start) }
        #expect(cache.answer(for: names[0], now: Self.start) != nil)
        cache.store(Self.addresses, for: names[3], now: Self.start)
        #expect(cache.count == 3)
        #expect(cache.answer(for: names[1], now: Self.start) == nil)
        cache.store(Self.addresses, for: names[3], now: Self.start)
        #expect(cache.count == 3, "a name that is there takes no more room")
        for index in [0, 2, 3] { #expect(cache.answer(for: names[index], now: Self.start) != nil) }
    }

    @Test("what has expired makes room before anything that is still good")
    func expiredFirst() {
        var cache = Self.cache(maximum: 2)
        let (old, gone, new) = (DNSName("old.example")!, DNSName("gone.example")!, DNSName("new.example")!)
        cache.store(Self.addresses, for: old, now: Self.start)
        cache.store(.failure(.notFound), for: gone, now: Self.start)
        cache.store(Self.addresses, for: new, now: Self.start + .seconds(10))
        #expect(cache.answer(for: old, now: Self.start + .seconds(10)) != nil)
        #expect(cache.answer(for: new, now: Self.start + .seconds(10)) != nil)
    }
}
