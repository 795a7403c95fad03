import Bytes
import Reactor
import Redis
import Testing

@Suite("A map of slots")
struct RedisSlotMapTests {
    private static let asked = RedisEndpoint(host: "10.0.0.9", port: 7009)!

    private static func entry(_ first: Int64, _ last: Int64, _ nodes: RedisReply...) -> RedisReply {
        .list([.integer(first), .integer(last)] + nodes)
    }

    private static func node(_ host: String?, _ port: Int64, _ more: RedisReply...) -> RedisReply {
        .list([host.map { .bytes(SharedBytes($0)) } ?? .null, .integer(port)] + more)
    }

    private static func map(_ entries: RedisReply..., maximumNodes: Int = 1_000) throws -> RedisSlotMap {
        var limits = RedisSlotMap.Limits()
        limits.maximumNodes = maximumNodes
        return try RedisSlotMap(slots: .list(entries), asked: asked, limits: limits)
    }

    private static func owner(_ map: RedisSlotMap, _ slot: Int) -> String? {
        map[RedisSlot(slot)!].map { "\($0)" }
    }

    @Test("gives each range to the node that is named first")
    func ranges() throws {
        let map = try Self.map(
            Self.entry(8_192, 16_383, Self.node("10.0.0.2", 7_002)),
            Self.entry(0, 8_191, Self.node("10.0.0.1", 7_001, .bytes(SharedBytes("id"))), Self.node("10.0.0.3", 7_003)))
        #expect(Self.owner(map, 0) == "10.0.0.1:7001")
        #expect(Self.owner(map, 8_191) == "10.0.0.1:7001")
        #expect(Self.owner(map, 8_192) == "10.0.0.2:7002")
        #expect(Self.owner(map, 16_383) == "10.0.0.2:7002")
        #expect(map.isComplete)
        #expect(map.primaries.map(\.port).sorted() == [7_001, 7_002])
        #expect(map.nodes.map(\.port) == [7_002, 7_001, 7_003])
    }

    @Test("has slots of nobody")
    func gaps() throws {
        let map = try Self.map(Self.entry(5, 5, Self.node("::1", 7_001)))
        #expect(Self.owner(map, 4) == nil)
        #expect(Self.owner(map, 5) == "[::1]:7001")
        #expect(!map.isComplete)
        #expect(try Self.map() == RedisSlotMap())
    }

    @Test(
        "knows hosts by address, by name, and as the one that was asked",
        arguments: [
            ("127.0.0.1", "127.0.0.1:7001"), ("fd00::7", "[fd00::7]:7001"), ("Redis-1.local", "redis-1.local:7001"),
            ("", "10.0.0.9:7001"), (nil, "10.0.0.9:7001"), ("?", nil),
        ] as [(String?, String?)])
    func hosts(host: String?, expected: String?) throws {
        let map = try Self.map(Self.entry(1, 1, Self.node(host, 7_001)))
        #expect(Self.owner(map, 1) == expected)
    }

    @Test("takes the address of a node that has no name and should have one")
    func addedAddress() throws {
        let words: [RedisReply] = ["ip", "10.0.0.4"].map { .bytes(SharedBytes($0)) }
        let id = RedisReply.bytes(SharedBytes("id"))
        let map = try Self.map(Self.entry(1, 1, Self.node("?", 7_001, id, .list(words))))
        #expect(Self.owner(map, 1) == "10.0.0.4:7001")
        // Half of a pair says nothing.
        let half = try Self.map(Self.entry(1, 1, Self.node("?", 7_001, id, .list([words[0]]))))
        #expect(Self.owner(half, 1) == nil)
    }

    @Test("passes over a node without a port")
    func noPort() throws {
        let map = try Self.map(Self.entry(1, 1, Self.node("10.0.0.1", 0), Self.node("10.0.0.2", 7_002)))
        #expect(Self.owner(map, 1) == nil)
    }

    @Test("is not made of an answer of another form")
    func malformed() {
        let good = Self.entry(0, 0, Self.node("10.0.0.1", 7_001))
        let bad: [RedisReply] = [
            .null, .list([]), .list([.integer(1), .integer(1)]), Self.entry(-1, 0, Self.node("10.0.0.1", 7_001)),
            Self.entry(2, 1, Self.node("10.0.0.1", 7_001)), Self.entry(1, 16_384, Self.node("10.0.0.1", 7_001)),
            Self.entry(1, 1, .null), Self.entry(1, 1, .list([.null])), Self.entry(1, 1, Self.node("a b", 7_001)),
            Self.entry(1, 1, Self.node("10.0.0.1", 65_536)), Self.entry(1, 1, Self.node("10.0.0.1", -1)),
            Self.entry(1, 1, .list([.integer(1), .integer(2)])),
            .list([.null, .integer(1), Self.node("10.0.0.1", 7_001)]),
        ]
        for entry in bad {
            #expect(throws: RedisSlotMap.Failure.malformedEntry(1), "\(entry)") { try Self.map(good, entry) }
        }
        #expect(throws: RedisSlotMap.Failure.notAList) {
            try RedisSlotMap(slots: .error(RedisError("ERR")), asked: Self.asked)
        }
    }

    @Test("takes each slot once, so that no answer costs more")
    func bounded() {
        let all = Self.entry(0, 16_383, Self.node("10.0.0.1", 7_001))
        #expect(throws: RedisSlotMap.Failure.tooManySlots(1)) {
            try Self.map(all, Self.entry(7, 7, Self.node("10.0.0.1", 7_001)))
        }
    }

    @Test("has so many nodes and no more")
    func nodes() throws {
        let entries = (0..<3).map { Self.entry($0, $0, Self.node("10.0.0.1", 7_001 + $0)) }
        #expect(throws: RedisSlotMap.Failure.tooManyNodes(maximum: 2)) {
            try Self.map(entries[0], entries[1], entries[2], maximumNodes: 2)
        }
        var map = try Self.map(entries[0], entries[1], maximumNodes: 2)
        let before = map
        let toAnother = map.move(RedisSlot(0)!, to: RedisEndpoint(host: "10.0.0.1", port: 7_003)!)
        #expect(!toAnother)
        #expect(map == before)
        let toKnown = map.move(RedisSlot(0)!, to: RedisEndpoint(host: "10.0.0.1", port: 7_002)!)
        #expect(toKnown)
        #expect(Self.owner(map, 0) == "10.0.0.1:7002")
        #expect(map.primaries.map(\.port) == [7_002])
    }
}
