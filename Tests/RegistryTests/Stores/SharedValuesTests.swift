import Bytes
import Media
import Reactor
import Redis
import RegistryModel
import TestKit
import Testing

@testable import Registry

@Suite("What a shared registry writes and reads")
struct SharedValuesTests {
    @Test("an origin is read as it was written, with what is known of it")
    func origin() throws {
        var heartbeat = Samples.heartbeat("o", load: OriginLoad(connections: 7, processorPercent: 40))
        heartbeat.device = "eins \"zwei\""
        let marked = Samples.heartbeat("o", service: "\u{301}s")
        let past = OriginPast(interval: nil, presence: .zero)
        #expect(
            SharedOrigin("1 \(marked.instance.shared)\n\(SharedOrigin.text(marked, past))")?.heartbeat == marked)
        for past in [
            OriginPast(interval: .milliseconds(9_000), presence: .seconds(400)),
            OriginPast(interval: nil, presence: .zero),
        ] {
            let text = SharedOrigin.text(heartbeat, past)
            let value = "1000 \(heartbeat.instance.shared)\n\(text)"
            let origin = try #require(SharedOrigin(value))
            #expect(origin.heartbeat == heartbeat && origin.past == past && origin.beaten == 1_000)
            #expect(origin.age(at: 3_000_000) == .seconds(2) && origin.age(at: 0) == .zero)
            for end in value.indices { #expect(SharedOrigin(String(value[..<end])) == nil) }
        }
    }

    @Test("a presence that is longer than can be told is as long as can be")
    func longPresence() throws {
        let heartbeat = Samples.heartbeat("o")
        let text = SharedOrigin.text(heartbeat, OriginPast(interval: nil, presence: .seconds(90 * 86_400)))
        let origin = try #require(SharedOrigin("1 \(heartbeat.instance.shared)\n\(text)"))
        #expect(origin.past.presence == .milliseconds(UInt32.max))
    }

    @Test(
        "what is said of the load stands by itself, and what makes no sense is no origin",
        arguments: [
            ("- -", OriginLoad()), ("7 40", OriginLoad(connections: 7, processorPercent: 40)),
            ("- 100", OriginLoad(processorPercent: 100)), ("0 -", OriginLoad(connections: 0)),
            ("7 101", nil), ("-7 40", nil), ("7 x", nil), ("7", nil), ("7 40 1", nil), (" 7 40", nil),
            ("4294967296 -", nil),
        ] as [(String, OriginLoad?)])
    func load(text: String, load: OriginLoad?) throws {
        let heartbeat = Samples.heartbeat("o", load: OriginLoad(connections: 1, processorPercent: 1))
        let lines = SharedOrigin.text(heartbeat, OriginPast(interval: nil, presence: .zero)).split(separator: "\n")
        #expect(!lines[1].contains("summaries"), "it would be another text with each beat")
        let origin = SharedOrigin("1 \(heartbeat.instance.shared)\n0 0 \(text)\n\(lines[1])")
        #expect(origin?.heartbeat.load == load && (origin == nil) == (load == nil))
    }

    @Test("an origin whose heartbeat is another start's than it says is none")
    func otherInstance() {
        let past = OriginPast(interval: nil, presence: .zero)
        #expect(SharedOrigin("1 x\t1\n\(SharedOrigin.text(Samples.heartbeat("o"), past))") == nil)
    }

    @Test("a claim is read as it was written")
    func claim() throws {
        let claim = StreamClaim(
            key: Samples.key("a"), origin: OriginID("o 1"), instance: Samples.instance(), epoch: 1_795_301_291_183_873)
        #expect(StreamClaim(claim.key, shared: "\(claim.epoch) \(claim.sharedOwner)") == claim)
        let marked = StreamClaim(
            key: claim.key, origin: OriginID("\u{301}o"), instance: Samples.instance("\u{301}s"), epoch: 1)
        #expect(StreamClaim(claim.key, shared: "1 \(marked.sharedOwner)") == marked)
        for text in [
            "", "1", "1 ", "1 a\nb", "1 a\nb\nc\nd", "x a\nb\nc", " a\nb\nc", "-1 a\nb\nc", "9007199254740992 a\nb\nc",
        ] {
            #expect(StreamClaim(claim.key, shared: text) == nil, "\(text)")
        }
    }

    @Test(
        "a notice is read to its last byte, whatever member and value are made of",
        arguments: [("v/live/a b", "1 x\ny\nz"), ("v/live/+3 ä", ""), ("", "value"), ("\u{301}o", "\u{301} 1")])
    func notice(member: String, value: String) throws {
        let text = "claims-7 12 34 +\(member.utf8.count) \(member)\(value)"
        let notice = try #require(SharedNotice(text))
        #expect(notice.table == .claims(7) && notice.before == 12 && notice.version == 34)
        #expect(notice.member == member && notice.value == value)
        let gone = try #require(SharedNotice("drained 0 1 -\(member.utf8.count) \(member)"))
        #expect(gone.table == .drained && gone.member == member && gone.value == nil)
    }

    @Test(
        "what is no notice is none",
        arguments: [
            "", "claims-7", "claims-64 1 2 +1 a", "claims-07 1 2 +1 a", "other 1 2 +1 a", "origins x 2 +1 a",
            "origins 1 2 +2 a", "origins 1 2 *1 a", "origins 1 2 +-1 a", "origins 1 2 +-9999 a",
            "origins 1 2 +9223372036854775807 a", "origins 1 2 +-9223372036854775808 a", "origins 1 2 -1 ab",
            "origins 1 2 +1 ä", "origins 9007199254740992 2 +1 a", "origins 1 18446744073709551615 +1 a",
        ])
    func noNotice(text: String) { #expect(SharedNotice(text) == nil) }

    @Test("streams are spread over all tables, and always in the same way")
    func spread() {
        var counts: [SharedTable: Int] = [:]
        for number in 0..<6_400 { counts[SharedTable(claimOf: Samples.key("\(number)")), default: 0] += 1 }
        #expect(counts.count == SharedTable.parts && counts.values.allSatisfy { (50...150).contains($0) })
        #expect(SharedTable(claimOf: Samples.key("livestream")).name == "claims-40")
    }

    @Test("a route is read as it was written")
    func route() throws {
        let route = Samples.route("u+/1", "o 1", service: "\u{301}s")
        #expect(Route(route.key, shared: route.sharedOwner) == route)
        for text in ["", "a", "a\nb", "a\nb\nc\nd"] { #expect(Route(route.key, shared: text) == nil, "\(text)") }
    }

    @Test("routes are spread over all tables of their kind, and every table is read by its name")
    func routeTables() throws {
        var counts: [SharedTable: Int] = [:]
        for number in 0..<1_600 { counts[SharedTable(routeOf: Samples.routeKey("\(number)")), default: 0] += 1 }
        #expect(counts.count == SharedTable.routeParts && counts.values.allSatisfy { (50...150).contains($0) })
        for table in SharedTable.all { #expect(SharedTable(name: table.name[...]) == table) }
        #expect(Set(SharedTable.all.map(\.name)).count == SharedTable.all.count)
        let notice = try #require(SharedNotice("routes-webrtc-3 1 2 +1 uo\ns\n1"))
        #expect(notice.table == .routes(.webRTC, 3) && notice.value == "o\ns\n1")
        #expect(SharedNotice("routes-other-3 1 2 +1 u") == nil && SharedNotice("routes-webrtc-16 1 2 +1 u") == nil)
    }

    @Test("the keys of a table lie in one slot")
    func keys() {
        let keys = SharedNames(prefix: "p:").keys(of: .claims(3)).map(\.text)
        #expect(keys.count == 5 && keys.allSatisfy { $0.hasPrefix("p:1:{claims-3}:") } && Set(keys).count == 5)
    }
}

@Suite("How far a shared table is known")
struct TableCursorTests {
    private static func changes(_ version: UInt64, isComplete: Bool = false) -> SharedChanges {
        let list = RedisReply.list([])
        return SharedChanges(
            .list([
                .bytes(SharedBytes("1")), .bytes(SharedBytes("\(version)")), .bytes(SharedBytes("1")),
                .integer(isComplete ? 1 : 0), list, list,
            ]))!
    }

    private static func notice(_ before: UInt64, _ version: UInt64) -> SharedNotice {
        SharedNotice("origins \(before) \(version) -1 a")!
    }

    @Test("a notice that follows what is known is taken; an older one is not, and one behind a gap has the table read")
    func notices() {
        var cursor = TableCursor()
        #expect(cursor.isBehind)
        let heard0 = cursor.heard(Self.notice(0, 1))
        #expect(!heard0 && cursor.version == 0, "who knows what there was before")
        let first = cursor.beginRead(everything: false)
        #expect(first == 0 && cursor.isReading)
        let taken1 = cursor.read(Self.changes(10, isComplete: true))
        #expect(taken1)
        #expect(!cursor.isBehind && !cursor.isReading)
        let heard2 = cursor.heard(Self.notice(8, 9))
        let heard3 = cursor.heard(Self.notice(9, 10))
        #expect(!heard2 && !heard3 && !cursor.isBehind)
        let heard4 = cursor.heard(Self.notice(10, 12))
        #expect(heard4 && cursor.version == 12)
        let heard5 = cursor.heard(Self.notice(13, 14))
        #expect(!heard5 && cursor.isBehind && cursor.version == 12)
        let since6 = cursor.beginRead(everything: false)
        #expect(since6 == 12)
    }

    @Test("an answer from before a notice is not taken, and asked for again")
    func lateAnswer() {
        var cursor = TableCursor()
        _ = cursor.beginRead(everything: false)
        let taken7 = cursor.read(Self.changes(10, isComplete: true))
        #expect(taken7)
        _ = cursor.beginRead(everything: false)
        let heard8 = cursor.heard(Self.notice(10, 11))
        #expect(heard8)
        let taken9 = cursor.read(Self.changes(10))
        #expect(!taken9 && cursor.isBehind && cursor.version == 11)
        let since10 = cursor.beginRead(everything: false)
        #expect(since10 == 11)
        let taken11 = cursor.read(Self.changes(11))
        #expect(taken11 && !cursor.isBehind)
    }

    @Test("a server that has lost versions is believed when it says so twice")
    func lostVersions() {
        var cursor = TableCursor()
        _ = cursor.beginRead(everything: false)
        let taken12 = cursor.read(Self.changes(10, isComplete: true))
        #expect(taken12)
        _ = cursor.beginRead(everything: true)
        let taken13 = cursor.read(Self.changes(5, isComplete: true))
        #expect(!taken13 && cursor.isBehind)
        let since14 = cursor.beginRead(everything: false)
        #expect(since14 == 0)
        let taken15 = cursor.read(Self.changes(6, isComplete: true))
        #expect(taken15 && cursor.version == 6 && !cursor.isBehind)
    }

    @Test("what was left is asked for with all the rest, until that is read")
    func left() {
        var cursor = TableCursor()
        _ = cursor.beginRead(everything: false)
        let taken16 = cursor.read(Self.changes(10, isComplete: true))
        #expect(taken16)
        _ = cursor.beginRead(everything: false)
        cursor.left()
        let taken17 = cursor.read(Self.changes(11))
        #expect(taken17 && cursor.isBehind)
        let since18 = cursor.beginRead(everything: false)
        #expect(since18 == 0)
        let taken19 = cursor.read(Self.changes(11, isComplete: true))
        #expect(taken19 && !cursor.isBehind)
        let since20 = cursor.beginRead(everything: false)
        #expect(since20 == 11)
    }

    @Test("a read without an answer is made again")
    func failure() {
        var cursor = TableCursor()
        _ = cursor.beginRead(everything: false)
        cursor.readFailed()
        #expect(cursor.isBehind && !cursor.isReading)
    }
}

@Suite("Whatever a shared registry may read")
struct SharedModelTests {
    @Test(
        "random changes of what is written are read as the same again, or refused, and never trap",
        arguments: UInt64(1)...4)
    func changed(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let heartbeat = Samples.heartbeat("o")
        let past = OriginPast(interval: .seconds(9), presence: .seconds(400))
        let samples = [
            "claims-7 12 34 +10 v/live/a b1 x\ny\nz", "drained 0 1 -3 abc", "17 o 1\ns1\n1", "ufrag o 1\ns1\n1",
            "1000 \(heartbeat.instance.shared)\n\(SharedOrigin.text(heartbeat, past))",
            "*6\r\n$2\r\n12\r\n:7\r\n:3\r\n:0\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n$1\r\nc\r\n",
        ].map { Array($0.utf8) }
        for _ in 0..<500 {
            var bytes = samples.randomElement(using: &random)!
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            }
            try checkShared(bytes)
        }
    }
}
