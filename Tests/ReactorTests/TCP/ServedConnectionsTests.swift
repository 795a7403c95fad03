import Bytes
import TestKit
import Testing

@testable import Reactor

@Suite("ServedConnections")
struct ServedConnectionsTests {
    let group: LoopGroup
    let log = EventLog<Happening>()

    init() throws { group = try LoopGroup(count: 1) }

    enum Happening: Equatable, Sendable {
        case toldToEnd(Int)
        case aborted(Int)
        case drained
    }

    /// One that records what it is told, and ends at once where it is `prompt`.
    final class Session: ServedConnection {
        let number: Int
        var position = -1
        var isPrompt = false
        private let list: ServedConnections
        private let log: EventLog<Happening>

        init(_ number: Int, in list: ServedConnections, _ log: EventLog<Happening>) {
            self.number = number
            self.list = list
            self.log = log
            list.add(self)
        }

        func shutDown() {
            log.append(.toldToEnd(number))
            if isPrompt { list.remove(self) }
        }

        func abort() {
            log.append(.aborted(number))
            list.remove(self)
        }
    }

    @Test("whatever goes in whatever order, the others stay, each where it says", arguments: UInt64(1)...8)
    func removal(seed: UInt64) async throws {
        defer { group.shutdown() }
        let log = self.log
        try await group.onLoop { loop in
            var random = SplitMix(seed: seed)
            let list = ServedConnections(on: loop)
            var sessions = (0..<50).map { Session($0, in: list, log) }
            while !sessions.isEmpty {
                list.remove(sessions.remove(at: Int.random(in: 0..<sessions.count, using: &random)))
                #expect(list.count == sessions.count)
                for session in sessions { #expect(list[session.position] === session) }
            }
        }
        #expect(log.events.isEmpty)
    }

    @Test("a drain tells each connection once, and is over when the last has gone")
    func drain() async throws {
        defer { group.shutdown() }
        let log = self.log
        try await group.onLoop { loop in
            let list = ServedConnections(on: loop)
            let sessions = (0..<3).map { Session($0, in: list, log) }
            list.drain { log.append(.drained) }
            #expect(list.isDraining)
            for session in sessions.reversed() {
                #expect(!log.events.contains(.drained))
                list.remove(session)
            }
        }
        #expect(log.events == [.toldToEnd(0), .toldToEnd(1), .toldToEnd(2), .drained])
    }

    @Test("a drain whose connections all end at once is over after the call", arguments: [0, 1, 5])
    func promptDrain(count: Int) async throws {
        defer { group.shutdown() }
        let log = self.log
        try await group.onLoop { loop in
            let list = ServedConnections(on: loop)
            for number in 0..<count { Session(number, in: list, log).isPrompt = true }
            list.drain { log.append(.drained) }
            #expect(list.isEmpty && !log.events.contains(.drained))
        }
        try await log.wait(for: .drained)
        #expect(log.events == (0..<count).map { .toldToEnd($0) } + [.drained])
    }

    @Test("a second drain only says whom to tell")
    func secondDrain() async throws {
        defer { group.shutdown() }
        let log = self.log
        try await group.onLoop { loop in
            let list = ServedConnections(on: loop)
            _ = Session(7, in: list, log)
            list.drain { log.append(.aborted(-1)) }
            list.drain { log.append(.drained) }
            list.abortAll()
        }
        #expect(log.events == [.toldToEnd(7), .aborted(7), .drained])
    }

    @Test("a drain closes the listeners, and waits for what the kernel had accepted")
    func listeners() async throws {
        defer { group.shutdown() }
        let log = self.log
        let seen = EventLog<Seen>()
        let address = try await group.onLoop { loop in
            let list = ServedConnections(on: loop)
            let acceptor = Acceptor(seen) { _ in
                _ = Session(1, in: list, log)
                return nil
            }
            let address = try list.listen(
                on: .loopback(port: 0), options: TCPOptions(), tls: nil, acceptor: acceptor)
            let waiting = try Socket.connected(to: address)
            list.drain { log.append(.drained) }
            waiting.close()
            loop.afterRound { list.abortAll() }
            return address
        }
        try await log.wait(for: .drained)
        #expect(throws: SystemError.self) { try Socket.connected(to: address).close() }
        #expect(seen.events.count == 1)
        #expect(log.events == [.aborted(1), .drained])
    }
}
