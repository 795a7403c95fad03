import Bytes
import CLinux
import TestKit
import Testing

@testable import Reactor

@Suite("DatagramArena")
struct DatagramArenaTests {
    /// A message as the kernel would be given it.
    struct Message: Equatable {
        var flow: UInt16
        var segment: Int
        var datagrams: [[UInt8]]
    }

    private static func flow(_ port: UInt16, descriptor: CInt = 7) -> DatagramFlow {
        DatagramFlow(
            descriptor: descriptor, isConnected: false, peer: .loopback(port: port), source: nil, trafficClass: nil)
    }

    private static func append(
        _ run: [UInt8], segment: Int, port: UInt16, to arena: inout DatagramArena, _ chain: inout DatagramArena.Chain,
        maximumSegments: Int = 64
    ) -> Int {
        arena.append(run.rawSpan, segment: segment, of: flow(port), to: &chain, maximumSegments: maximumSegments)
    }

    private static func messages(_ arena: borrowing DatagramArena, _ chain: DatagramArena.Chain) -> [Message] {
        var all: [Message] = []
        var next = chain.first
        while next >= 0 {
            let header = arena.messages[Int(next)]
            var bytes: [UInt8] = []
            arena.view.forEachPiece(of: next, skipping: 0) { bytes += Array(copying: $0) }
            #expect(bytes.count == Int(header.length))
            var datagrams: [[UInt8]] = []
            var rest = bytes[...]
            repeat {
                datagrams.append(Array(rest.prefix(Int(header.segment))))
                rest = rest.dropFirst(Int(header.segment))
            } while !rest.isEmpty
            #expect(datagrams.count == Int(header.count))
            all.append(Message(flow: header.peer.port, segment: Int(header.segment), datagrams: datagrams))
            next = header.next
        }
        return all
    }

    @Test("datagrams of one flow share a message however others come in between")
    func interleaved() {
        var arena = DatagramArena()
        var chain = DatagramArena.Chain()
        for round in 0..<3 {
            for port in [1, 2] as [UInt16] {
                _ = Self.append(pattern(round, 100), segment: 100, port: port, to: &arena, &chain)
            }
        }
        let datagrams = (0..<3).map { pattern($0, 100) }
        #expect(
            Self.messages(arena, chain) == [
                Message(flow: 1, segment: 100, datagrams: datagrams),
                Message(flow: 2, segment: 100, datagrams: datagrams),
            ])
    }

    @Test("a shorter datagram ends its message, a longer one begins another")
    func sizes() {
        var arena = DatagramArena()
        var chain = DatagramArena.Chain()
        for (number, size) in [100, 100, 60, 60, 100, 0, 100].enumerated() {
            _ = Self.append(pattern(number, size), segment: size, port: 1, to: &arena, &chain)
        }
        #expect(
            Self.messages(arena, chain).map { $0.datagrams.map(\.count) } == [
                [100, 100, 60], [60], [100], [0], [100],
            ])
    }

    @Test("a run joins the message of its flow only where all sizes but the last stay equal")
    func runs() {
        var arena = DatagramArena()
        var chain = DatagramArena.Chain()
        _ = Self.append(pattern(1, 250), segment: 100, port: 1, to: &arena, &chain)
        _ = Self.append(pattern(2, 300), segment: 100, port: 1, to: &arena, &chain)
        _ = Self.append(pattern(3, 150), segment: 100, port: 1, to: &arena, &chain)
        _ = Self.append(pattern(4, 90), segment: 30, port: 1, to: &arena, &chain)
        #expect(
            Self.messages(arena, chain).map { $0.datagrams.map(\.count) } == [
                [100, 100, 50], [100, 100, 100, 100, 50], [30, 30, 30],
            ])
    }

    @Test(
        "a message holds no more than 64 datagrams and one packet",
        arguments: [1, 10, 1_000, 1_200, 1_472, 9_000, 40_000, 65_507])
    func bounds(size: Int) {
        var arena = DatagramArena()
        var chain = DatagramArena.Chain()
        var expected: [[UInt8]] = []
        for number in 0..<100 where arena.hasRoom(for: size) {
            expected.append(pattern(number, size))
            #expect(Self.append(expected[number], segment: size, port: 1, to: &arena, &chain) == size)
        }
        let messages = Self.messages(arena, chain)
        #expect(messages.flatMap(\.datagrams) == expected)
        for message in messages {
            #expect(message.datagrams.count <= 64)
            #expect(message.datagrams.count == 1 || message.datagrams.count * size <= 65_487)
        }
        let fitting = min(64, max(1, 65_487 / size))
        #expect(messages.count == (expected.count + fitting - 1) / fitting, "and no less either")
    }

    @Test("a run that is too long for one message is taken in parts of whole datagrams")
    func longRun() {
        var arena = DatagramArena()
        var chain = DatagramArena.Chain()
        let run = pattern(9, 100 * 1_000 + 7)
        var rest = run[...]
        var taken: [Int] = []
        while !rest.isEmpty {
            taken.append(Self.append(Array(rest), segment: 1_000, port: 1, to: &arena, &chain))
            rest = rest.dropFirst(taken.last!)
        }
        #expect(taken == [64_000, 36_007])
        #expect(Self.messages(arena, chain).flatMap { $0.datagrams.flatMap { $0 } } == run)
    }

    @Test("without cutting, every datagram is a message")
    func single() {
        var arena = DatagramArena()
        var chain = DatagramArena.Chain()
        var rest = pattern(5, 250)[...]
        while !rest.isEmpty {
            let taken = Self.append(
                Array(rest), segment: min(100, rest.count), port: 1, to: &arena, &chain, maximumSegments: 1)
            rest = rest.dropFirst(taken)
        }
        #expect(Self.messages(arena, chain).map { $0.datagrams.map(\.count) } == [[100], [100], [50]])
    }

    @Test("sockets, classes and sources are flows of their own; class 0 is no class")
    func flows() {
        var arena = DatagramArena()
        var (first, second) = (DatagramArena.Chain(), DatagramArena.Chain())
        let classes: [TrafficClass?] = [nil, TrafficClass(rawValue: 0), TrafficClass(dscp: 46)]
        let sources: [SocketAddress.Host?] = [nil, .v4(0x7F00_0001), .v4(0x7F00_0002)]
        for _ in 0..<2 {
            for trafficClass in classes {
                for source in sources {
                    let flow = { (descriptor: CInt) in
                        DatagramFlow(
                            descriptor: descriptor, isConnected: false, peer: .loopback(port: 1), source: source,
                            trafficClass: trafficClass)
                    }
                    let bytes = pattern(1, 50)
                    _ = arena.append(bytes.rawSpan, segment: 50, of: flow(7), to: &first, maximumSegments: 64)
                    _ = arena.append(bytes.rawSpan, segment: 50, of: flow(8), to: &second, maximumSegments: 64)
                }
            }
        }
        for chain in [first, second] {
            #expect(Self.messages(arena, chain).map(\.datagrams.count) == [4, 4, 4, 2, 2, 2])
        }
    }

    @Test("random datagrams of many flows keep their order, and an emptied arena remembers none of them")
    func model() {
        var random = SplitMix(seed: 11)
        var arena = DatagramArena()
        for _ in 0..<20 {
            var chain = DatagramArena.Chain()
            var model: [UInt16: [[UInt8]]] = [:]
            while true {
                let port = UInt16(1 + random.next() % 300)
                let size = Int([0, 40, 200, 200, 200, 1_200, 1_201][Int(random.next() % 7)])
                guard arena.hasRoom(for: size) else { break }
                let datagram = pattern(Int(random.next() & 0xFFFF), size)
                model[port, default: []].append(datagram)
                #expect(Self.append(datagram, segment: size, port: port, to: &arena, &chain) == size)
            }
            var got: [UInt16: [[UInt8]]] = [:]
            for message in Self.messages(arena, chain) { got[message.flow, default: []] += message.datagrams }
            #expect(got == model)
            arena.removeAll()
        }
    }

    @Test("what is left of a message begins where it was cut off", arguments: [0, 1, 99, 100, 150, 249, 250])
    func skipping(skipped: Int) {
        var arena = DatagramArena()
        var chain = DatagramArena.Chain()
        _ = Self.append(pattern(1, 100), segment: 100, port: 1, to: &arena, &chain)
        _ = Self.append(pattern(1, 100), segment: 100, port: 2, to: &arena, &chain)
        _ = Self.append(pattern(2, 150), segment: 100, port: 1, to: &arena, &chain)
        var left: [UInt8] = []
        arena.view.forEachPiece(of: chain.first, skipping: skipped) { left += Array(copying: $0) }
        #expect(left == Array((pattern(1, 100) + pattern(2, 150)).dropFirst(skipped)))
    }
}

@Suite("DatagramBacklog")
struct DatagramBacklogTests {
    private static let flow = DatagramFlow(
        descriptor: 1, isConnected: true, peer: .loopback(port: 1), source: nil, trafficClass: nil)

    @Test("it keeps whole datagrams up to its bound and says how many it did not")
    func bound() {
        var backlog = DatagramBacklog()
        let dropped = [(350, 100), (750, 100), (0, 0), (90, 90)].map { size, segment in
            backlog.append(pattern(size, size).rawSpan, segment: segment, of: Self.flow, maximum: 1_000)
        }
        #expect(dropped == [0, 3, 1, 1])
        let byteCount = backlog.byteCount
        #expect(byteCount == 350 + 500 + 2 * 64)
        let kept = backlog.takeAll().map(\.bytes.array)
        #expect(kept == [pattern(350, 350), Array(pattern(750, 750).prefix(500))])
        let left = backlog.byteCount
        #expect(left == 0)
    }

    @Test("empty datagrams count too, so that they cannot fill memory")
    func empty() {
        var backlog = DatagramBacklog()
        var dropped = 0
        let nothing: [UInt8] = []
        for _ in 0..<100 { dropped += backlog.append(nothing.rawSpan, segment: 0, of: Self.flow, maximum: 640) }
        let lost = backlog.dropAll()
        #expect(dropped == 90 && lost == 10)
    }
}
