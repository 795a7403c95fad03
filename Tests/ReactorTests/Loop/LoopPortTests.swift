import Reactor
import TestKit
import Testing

@Suite("LoopPort")
struct LoopPortTests {
    @Test("what other threads send arrives on the loop in order; from the loop itself at once")
    func order() async throws {
        let group = try LoopGroup(count: 2)
        defer { group.shutdown() }
        let log = EventLog<Int>()
        let port = try await group.onLoop { loop in
            let port = loop.port { (value: Int) in log.append(value) }
            loop.send(0, to: port)
            #expect(log.events == [0])
            return port
        }
        try await group.loops[1].run { actor in
            for value in 1...3 { actor.loop.send(value, to: port) }
            actor.loop.answer(4, to: port)
        }.value
        #expect(try await log.wait(count: 5) == [0, 1, 2, 3, 4])
    }

    @Test("what is sent to a closed port, or to a loop that has ended, is dropped")
    func closed() async throws {
        let group = try LoopGroup(count: 1)
        let log = EventLog<Int>()
        let port = try await group.onLoop { loop in
            let port = loop.port { (value: Int) in log.append(value) }
            loop.close(port)
            loop.send(1, to: port)
            return port
        }
        #expect(port.send(2))
        try await group.onLoop { _ in }
        group.shutdown()
        #expect(!port.send(3))
        #expect(!port.answer(4))
        #expect(log.events == [])
    }

    @Test("a full mailbox refuses what is sent, and takes an answer")
    func full() async throws {
        var limits = LoopLimits()
        limits.maximumMail = 2
        let group = try LoopGroup(count: 1, limits: limits)
        defer { group.shutdown() }
        let log = EventLog<Int>()
        let isTaken = try await group.onLoop { loop in
            let port = loop.port { (value: Int) in log.append(value) }
            return [port.send(1), port.send(2), port.send(3), port.answer(4)]
        }
        #expect(isTaken == [true, true, false, true])
        #expect(try await log.wait(count: 3) == [1, 2, 4])
    }
}
