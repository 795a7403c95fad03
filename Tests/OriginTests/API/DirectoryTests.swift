import Bytes
import Media
import Reactor
import Service
import TestKit
import Testing

@testable import Origin

@Suite("What operators see of all loops")
struct DirectoryTests {
    /// A client that is nothing but listed.
    private final class Listed: ListedClient {
        let facts: ClientFacts?
        let totals = ByteRates.Totals(received: 1, sent: 2)
        let kicked: @Sendable () -> Void

        init(_ name: String, kicked: @escaping @Sendable () -> Void = {}) {
            facts = ClientFacts(kind: .player, key: .test(name), address: "10.0.0.1")
            self.kicked = kicked
        }

        func kick() { kicked() }
    }

    private struct Found: Sendable, Equatable {
        var names: [String]
    }

    private let directory = LoopDirectory()
    private let table = StreamTable()

    /// Puts `counts` clients on each loop, in order.
    private func fill(_ group: LoopGroup, _ counts: [Int]) async throws {
        for (index, count) in counts.enumerated() {
            try await group.onLoop(index) { [directory, table] loop in
                let stage = Stage(loop, table: table)
                directory.open(stage.streams)
                for number in 0..<count {
                    _ = stage.streams.clients.add(Listed("\(index)-\(number)"), at: loop.now)
                }
                _ = loop.arm(after: .seconds(3_600), Keeper(stage))
            }
        }
    }

    @Test(
        "a page of clients goes over all loops",
        arguments: [
            (0, 10, ["0-0", "0-1", "1-0", "2-0", "2-1", "2-2"]), (0, 0, []), (0, 1, ["0-0"]), (1, 2, ["0-1", "1-0"]),
            (2, 2, ["1-0", "2-0"]), (3, 2, ["2-0", "2-1"]), (5, 9, ["2-2"]), (6, 9, []), (99, 9, []),
        ])
    func page(start: Int, count: Int, expected: [String]) async throws {
        let group = try LoopGroup(count: 3)
        defer { group.shutdown() }
        try await fill(group, [2, 1, 3])
        let log = EventLog<Found>()
        try await group.onLoop(1) { [directory] loop in
            DirectoryReader(directory, on: loop).clients(ListingPage(start: "\(start)", count: "\(count)")) { clients in
                log.append(Found(names: clients?.map(\.facts.key.stream) ?? ["nothing"]))
            }
        }
        #expect(try await log.wait(count: 1) == [Found(names: expected)])
    }

    @Test("one client is found by its name, kicked, and not found where there is none, nor on a loop that is not there")
    func one() async throws {
        let group = try LoopGroup(count: 2)
        defer { group.shutdown() }
        try await fill(group, [1, 0])
        let log = EventLog<String>()
        let id = try await group.onLoop(1) { [directory, table] loop in
            let stage = Stage(loop, table: table)
            directory.open(stage.streams)
            _ = loop.arm(after: .seconds(3_600), Keeper(stage))
            return stage.streams.clients.add(Listed("x") { log.append("ended") }, at: loop.now)
        }
        try await group.onLoop { [directory] loop in
            let reader = DirectoryReader(directory, on: loop)
            reader.client(id) { log.append("client \($0?.map(\.facts.key.stream) ?? [])") }
            for missing in [RosterID(loop: 1, number: 77), RosterID(loop: 9, number: 1), RosterID(loop: -1, number: 1)]
            {
                reader.client(missing) { log.append("none \($0?.count ?? -1)") }
                reader.kick(missing) { log.append("kicked \($0.map(String.init) ?? "nothing")") }
            }
            reader.kick(id) { log.append("done \($0 ?? false)") }
        }
        let events = try await log.wait(count: 9)
        #expect(events.count { $0 == "none 0" } == 3 && events.count { $0 == "kicked false" } == 3)
        #expect(events.contains("client [\"x\"]") && events.contains("ended") && events.contains("done true"))
    }

    @Test("a stream is shown with its tracks, its bytes and its viewers on every loop, those that have gone included")
    func stream() async throws {
        let group = try LoopGroup(count: 2)
        defer { group.shutdown() }
        let log = EventLog<String>()
        let publisher = RosterID(loop: 0, number: 9)
        let fed = EventLog<Int>()
        try await group.onLoop { [directory, table] loop in
            let stage = Stage(loop, table: table)
            directory.open(stage.streams)
            stage.publish()
            if let publication = stage.publication {
                stage.streams.list(PublishedStream(publication: publication, publisher: publisher, tcURL: "rtmp://a/b"))
            }
            stage.group()
            let gone = stage.view()
            gone.subscriber?.leave()
            log.append("\(gone.pieces.joined().count)")
            _ = stage.view()
            _ = loop.arm(after: .seconds(3_600), Keeper(stage))
        }
        try await group.onLoop(1) { [directory, table] loop in
            let stage = Stage(loop, table: table)
            directory.open(stage.streams)
            let viewer = stage.view()
            viewer.flushed = { fed.append($0.pieces.joined().count) }
            _ = loop.arm(after: .seconds(3_600), Keeper(stage))
        }
        try await fed.wait(count: 1)
        try await group.onLoop(1) { [directory] loop in
            DirectoryReader(directory, on: loop).streams(ListingPage(start: nil, count: nil)) { streams in
                guard let stream = streams?.first, streams?.count == 1 else { return log.append("none") }
                let size = stream.video?.size.map { "\($0.width)x\($0.height)" } ?? ""
                log.append("\(stream.publisher) \(stream.tcURL) \(stream.clients) \(stream.frames) \(size)")
                log.append("\(stream.audio?.codec.name ?? "") \(stream.audio?.sampleRate ?? 0)")
                log.append("\(stream.totals.sent)")
                log.append("\(stream.totals.received > 0)")
            }
        }
        let events = try await log.wait(count: 5)
        let each = try #require(Int(events[0]))
        #expect(events[1].hasPrefix("0-9 rtmp://a/b 3 6 "))
        #expect(events[2] == "AAC 44100")
        #expect(events[3] == "\(3 * each)" && events[4] == "true")
    }
}
