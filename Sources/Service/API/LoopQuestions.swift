import Bytes
package import Reactor
import Synchronization

/// Asks loops what they know, from any loop; each looks at what is its own, in its own time.
///
/// A lock is held for the look-up of a port. A loop that has too much to do, or stands still, holds nobody up: whoever
/// asks says how long an answer may take, and goes on without it.
package final class LoopQuestions<Question: Sendable, Answer: Sendable>: Sendable {
    private struct Query: Sendable {
        let question: Question
        let reply: LoopCallback<Answer>
    }

    private let ports = Mutex<[Int: LoopPort<Query>]>([:])

    package init() {}

    /// The indices of the loops that can be asked, in their order.
    package var loops: [Int] { ports.withLock { $0.keys.sorted() } }

    /// Has `loop` answer from here on, with `answer`, which runs there.
    package func open(on loop: EventLoop, _ answer: @escaping (Question) -> Answer) {
        let port = loop.port { (query: Query) in query.reply.call(answer(query.question)) }
        ports.withLock { $0[port.handle.index] = port }
    }

    /// Asks those of `indices` that there are. `then` runs on `loop`, once and never inside the call, with what has
    /// been answered when all have, or when `bound` is over.
    package func ask(
        _ question: Question, of indices: [Int], from loop: EventLoop, within bound: Duration,
        then: @escaping ([Int: Answer]) -> Void
    ) {
        let round = AnswerRound(on: loop, then)
        let asked = ports.withLock { ports in indices.compactMap { ports[$0] } }
        for port in asked {
            let index = port.handle.index
            let reply = loop.callback { (answer: Answer) in round.answered(answer, by: index) }
            round.waiting[index] = reply
            guard port.send(Query(question: question, reply: reply)) else {
                round.waiting[index] = nil
                loop.forget(reply)
                continue
            }
        }
        round.begin(within: bound)
    }
}

/// One question to several loops, on the loop that has asked.
private final class AnswerRound<Answer: Sendable>: TimerTarget {
    var waiting: [Int: LoopCallback<Answer>] = [:]
    private let loop: EventLoop
    private var answers: [Int: Answer] = [:]
    private var then: (([Int: Answer]) -> Void)?
    private var timer: TimerID?

    init(on loop: EventLoop, _ then: @escaping ([Int: Answer]) -> Void) {
        self.loop = loop
        self.then = then
    }

    func begin(within bound: Duration) {
        guard !waiting.isEmpty else { return loop.afterRound { self.end() } }
        timer = loop.arm(after: bound, self)
    }

    func answered(_ answer: Answer, by index: Int) {
        waiting[index] = nil
        answers[index] = answer
        if waiting.isEmpty { end() }
    }

    func timerFired(_ token: UInt32) {
        timer = nil
        end()
    }

    func end() {
        if let timer { loop.cancel(timer) }
        timer = nil
        let late = waiting.values
        waiting = [:]
        for reply in late { loop.forget(reply) }
        then.take()?(answers)
    }
}
