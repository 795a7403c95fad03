import Bytes
import Redis
import RegistryModel
import Testing

@testable import Registry

@Suite("What waits to be taken over")
struct SharedIntakeTests {
    private let now = Samples.at(100)

    private static func changes(_ changed: [String], gone: [String] = [], time: UInt64 = 1) -> SharedChanges {
        let texts = { (texts: [String]) in RedisReply.list(texts.map { .bytes(SharedBytes($0)) }) }
        return SharedChanges(
            .list([
                .integer(Int64(time)), .integer(9), .integer(1), .integer(1),
                texts(changed.flatMap { [$0, "\($0)!"] }), texts(gone),
            ]))!
    }

    private static func word(_ piece: SharedIntake.Piece) -> String {
        switch piece {
        case .notice(let notice, let time):
            "\(notice.table.name) \(notice.member) \(notice.value ?? "gone") \(time.server)"
        case .begin(let changes, let table): "begin \(table.name) \(changes.version)"
        case .put(let member, let value, let table, let time): "+\(table.name) \(member)=\(value) \(time.server)"
        case .remove(let member, let table): "-\(table.name) \(member)"
        case .end(let changes, let table): "end \(table.name) \(changes.changed.count)"
        }
    }

    private static func rest(_ intake: inout SharedIntake) -> [String] {
        var words: [String] = []
        while let piece = intake.next() { words.append(word(piece)) }
        return words
    }

    @Test("answers and notices are given in the order in which they came")
    func order() {
        var intake = SharedIntake()
        #expect(intake.isEmpty)
        intake.append(Self.changes(["a", "b"], gone: ["c"], time: 7), of: .origins, at: now)
        intake.append(SharedNotice("drained 1 5 +1 dx")!, at: now)
        intake.append(SharedNotice("claims-3 1 6 -1 e")!, at: now)
        intake.append(Self.changes([]), of: .claims(3), at: now)
        #expect(intake.reads == 2 && !intake.isEmpty)
        #expect(
            Self.rest(&intake) == [
                "begin origins 9", "+origins a=a! 7", "+origins b=b! 7", "-origins c", "end origins 2", "drained d x 5",
                "claims-3 e gone 6", "begin claims-3 9", "end claims-3 0",
            ])
        #expect(intake.isEmpty && intake.reads == 0)
        let none = intake.next()
        #expect(none == nil)
    }

    @Test("an answer counts as a read until its last piece is given, and what is cleared is not given")
    func reads() {
        var intake = SharedIntake()
        intake.append(Self.changes(["a"]), of: .origins, at: now)
        for _ in 0..<2 {
            _ = intake.next()
            #expect(intake.reads == 1)
        }
        _ = intake.next()
        #expect(intake.reads == 0)
        intake.append(Self.changes(["a", "b"]), of: .origins, at: now)
        _ = intake.next()
        intake.clear()
        intake.append(Self.changes(["c"]), of: .drained, at: now)
        #expect(Self.rest(&intake) == ["begin drained 9", "+drained c=c! 1", "end drained 1"])
    }

    @Test("what waits is counted from the moment at which it was heard of")
    func moments() {
        let moment = SharedMoment(server: 5_000_000, here: now)
        #expect(moment.instant(at: 3_000_000) == Samples.at(98))
        #expect(moment.instant(at: 7_000_000) == now, "nothing is of later than now")
        var intake = SharedIntake()
        intake.append(Self.changes(["a"], time: 7), of: .origins, at: now)
        _ = intake.next()
        guard case .put(_, _, _, let first)? = intake.next() else { return #expect(Bool(false)) }
        #expect(first == SharedMoment(server: 7, here: now))
    }

    @Test("so many notices wait and no more, however long others have come and gone")
    func bound() {
        var intake = SharedIntake()
        var given = 0
        for number in 1...5_000 {
            #expect(intake.takesNotices)
            intake.append(SharedNotice("origins 1 \(number) +1 ax")!, at: now)
            guard number > 500 else { continue }
            given += 1
            let piece = intake.next().map(Self.word)
            #expect(piece == "origins a x \(given)")
        }
        while intake.takesNotices { intake.append(SharedNotice("origins 1 2 -1 a")!, at: now) }
        #expect(Self.rest(&intake).count == SharedIntake.maximumNotices)
        #expect(intake.takesNotices && intake.isEmpty)
    }
}

@Suite("Reading origins that mostly say the same")
struct SharedOriginReaderTests {
    private static func lines(
        _ name: String, at beaten: UInt64 = 1, service: String = "s1", load: OriginLoad = OriginLoad(),
        host: String = "10.0.0.5"
    ) -> SharedOriginLines {
        let heartbeat = Samples.heartbeat(name, service: service, host: host, load: load)
        let past = OriginPast(interval: .seconds(9), presence: .seconds(beaten))
        return SharedOriginLines("\(beaten) \(heartbeat.instance.shared)\n\(SharedOrigin.text(heartbeat, past))")!
    }

    @Test("whatever changes is read, and what was read before is the same")
    func sameAndOther() throws {
        var reader = SharedOriginReader(maximum: 10)
        let beats = [
            Self.lines("o"), Self.lines("o", at: 2, load: OriginLoad(connections: 7)),
            Self.lines("o", at: 3, host: "10.0.0.6"), Self.lines("o", at: 4, service: "s2", host: "10.0.0.6"),
            Self.lines("o", at: 5, service: "s2", host: "10.0.0.6"),
        ]
        for lines in beats {
            #expect(!reader.hasRead(lines, of: "o"))
            let found = reader.read(lines, of: "o")
            let origin = try #require(found)
            #expect(origin == lines.parsed.flatMap(lines.origin))
            #expect(origin.heartbeat.load == lines.load && origin.beaten == lines.beaten)
            #expect(reader.hasRead(lines, of: "o"))
        }
        reader.forget("o")
        #expect(!reader.hasRead(beats[4], of: "o"))
    }

    @Test("a text that only looks the same is another one")
    func looks() throws {
        var reader = SharedOriginReader(maximum: 10)
        let (one, two) = (Self.lines("\u{E9}"), Self.lines("e\u{301}", at: 2))
        _ = reader.read(one, of: "o")
        let found = reader.read(two, of: "o")
        let origin = try #require(found)
        #expect(origin.heartbeat.server.text.utf8.elementsEqual("e\u{301}".utf8))
    }

    @Test("what is no heartbeat, or another start's, is none, and does not become known")
    func none() {
        var reader = SharedOriginReader(maximum: 10)
        let broken = SharedOriginLines("1 s1\t1\n0 0 - -\n{}")!
        let other = SharedOriginLines("1 s2\t1\n0 0 - -\n\(Self.lines("o").said)")!
        for lines in [broken, other] {
            let origin = reader.read(lines, of: "o")
            #expect(origin == nil && !reader.hasRead(lines, of: "o"))
        }
        _ = reader.read(Self.lines("o"), of: "o")
        let origin = reader.read(other, of: "o")
        #expect(origin == nil, "what is known is not taken for another start's")
    }

    @Test("of more origins than may be known each is read all the same")
    func bound() {
        var reader = SharedOriginReader(maximum: 2)
        for name in ["a", "b", "c", "a"] {
            let origin = reader.read(Self.lines(name), of: name)
            #expect(origin?.heartbeat.server.text == name)
        }
        #expect(reader.hasRead(Self.lines("a"), of: "a") && !reader.hasRead(Self.lines("c"), of: "c"))
        reader.keepOnly(["b"])
        _ = reader.read(Self.lines("c"), of: "c")
        #expect(!reader.hasRead(Self.lines("a"), of: "a") && reader.hasRead(Self.lines("c"), of: "c"))
    }
}
