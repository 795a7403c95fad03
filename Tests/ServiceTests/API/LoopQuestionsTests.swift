import Bytes
import LoopKit
import Reactor
import TestKit
import Testing

@testable import Service

@Suite("Questions to loops", .ownThread)
struct LoopQuestionsTests {
    /// Asks on the first loop of `group` and waits for what is answered.
    private func ask(
        _ questions: LoopQuestions<Int, Int>, _ question: Int, of indices: [Int], in group: LoopGroup,
        within bound: Duration = .seconds(20)
    ) async throws -> [Int: Int] {
        let log = EventLog<[Int: Int]>()
        try await group.loops[0].run { actor in
            questions.ask(question, of: indices, from: actor.loop, within: bound) { log.append($0) }
            #expect(log.events.isEmpty, "never inside the call")
        }.value
        return try await log.wait(count: 1)[0]
    }

    private func open(_ questions: LoopQuestions<Int, Int>, _ group: LoopGroup) async throws {
        for loop in group.loops {
            try await loop.run { actor in
                let index = actor.loop.handle.index
                questions.open(on: actor.loop) { $0 * 10 + index }
            }.value
        }
    }

    @Test("every loop that is asked answers for itself, the asking one as well; others are left out")
    func answers() async throws {
        let group = try LoopGroup(count: 3)
        defer { group.shutdown() }
        let questions = LoopQuestions<Int, Int>()
        try await open(questions, group)
        #expect(questions.loops == [0, 1, 2])
        #expect(try await ask(questions, 4, of: [0, 1, 2], in: group) == [0: 40, 1: 41, 2: 42])
        #expect(try await ask(questions, 5, of: [2, 9], in: group) == [2: 52])
        #expect(try await ask(questions, 6, of: [], in: group) == [:])
    }

    @Test("a loop that stands still is done without when the time is over, and its late answer changes nothing")
    func late() async throws {
        let group = try LoopGroup(count: 2)
        defer { group.shutdown() }
        let questions = LoopQuestions<Int, Int>()
        try await open(questions, group)
        let gate = Gate()
        group.loops[1].handle.submit { _ in gate.pass() }
        #expect(try await ask(questions, 1, of: [0, 1], in: group, within: .seconds(2)) == [0: 10])
        gate.open()
        #expect(try await ask(questions, 2, of: [0, 1], in: group) == [0: 20, 1: 21])
    }

    @Test("a loop that has ended is done without at once")
    func ended() async throws {
        let group = try LoopGroup(count: 1)
        let other = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let questions = LoopQuestions<Int, Int>()
        try await open(questions, other)
        other.shutdown()
        #expect(try await ask(questions, 1, of: [0], in: group) == [:])
    }
}
