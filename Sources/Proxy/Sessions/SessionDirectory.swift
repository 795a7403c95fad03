import Media
import Reactor
import Service

/// What the loops of this proxy can be asked.
enum LoopQuestion: Sendable {
    case sessions(ListingPage)
    case session(RosterID)
    case kick(RosterID)
    /// Who publishes and views these.
    case audience([StreamKey])
    case state
}

enum LoopAnswer: Sendable {
    /// Those of the page, and how many there are on the loop.
    case sessions([SessionSummary], count: Int)
    case session(SessionSummary?)
    /// In the order of the question.
    case audience([Audience])
    case state(LoopState)
}

/// A loop at one moment.
struct LoopState: Sendable {
    let statistics: LoopStatistics
    /// The longest round of the last second.
    let lag: Duration
    let armedTimers: Int
    let watchedDescriptors: Int
    let refusedMail: UInt64
    let sessions: Int
}

/// Sessions and loops of this proxy, asked for on one loop.
struct SessionDirectory {
    /// A loop that has not answered by then is done without.
    static let patience = Duration.seconds(1)

    let questions: LoopQuestions<LoopQuestion, LoopAnswer>
    let loop: EventLoop

    /// Has the loop of `sessions` answer; `reporter` is that loop's.
    static func open(
        _ questions: LoopQuestions<LoopQuestion, LoopAnswer>, _ sessions: LoopSessions, on loop: EventLoop,
        _ reporter: LoopReporter
    ) {
        questions.open(on: loop) { question in
            switch question {
            case .sessions(let page): .sessions(sessions.page(page), count: sessions.count)
            case .session(let id): .session(sessions.session(id))
            case .kick(let id): .session(sessions.kick(id))
            case .audience(let keys): .audience(keys.map(sessions.audience))
            case .state:
                .state(
                    LoopState(
                        statistics: loop.statistics, lag: reporter.lastLag, armedTimers: loop.armedTimers,
                        watchedDescriptors: loop.watchedDescriptors, refusedMail: loop.handle.refusedMessages,
                        sessions: sessions.count))
            }
        }
    }

    /// The sessions of the page and the number of all; nil where a loop has not answered.
    func sessions(_ page: ListingPage, _ then: @escaping (_ found: [SessionSummary]?, _ total: Int) -> Void) {
        gather(page, from: questions.loops[...], [], 0, then)
    }

    /// One loop after the other, for how many a loop has decides which part of the next one is asked for.
    private func gather(
        _ page: ListingPage, from loops: ArraySlice<Int>, _ found: [SessionSummary], _ total: Int,
        _ then: @escaping (_ found: [SessionSummary]?, _ total: Int) -> Void
    ) {
        guard let index = loops.first else { return then(found, total) }
        ask(.sessions(page), of: index) { answer in
            guard case .sessions(let part, let count)? = answer else { return then(nil, 0) }
            gather(page.behind(count), from: loops.dropFirst(), found + part, total + count, then)
        }
    }

    /// The outer nil where the loop has not answered.
    func session(_ id: RosterID, _ then: @escaping (SessionSummary??) -> Void) { one(.session(id), id, then) }

    /// Ends it; the outer nil where the loop has not answered.
    func kick(_ id: RosterID, _ then: @escaping (SessionSummary??) -> Void) { one(.kick(id), id, then) }

    private func one(_ question: LoopQuestion, _ id: RosterID, _ then: @escaping (SessionSummary??) -> Void) {
        guard questions.loops.contains(id.loop) else { return then(.some(nil)) }
        ask(question, of: id.loop) { answer in
            guard case .session(let session)? = answer else { return then(nil) }
            then(.some(session))
        }
    }

    /// In the order of `keys`; a loop that has not answered in time is not counted.
    func audience(of keys: [StreamKey], _ then: @escaping ([Audience]) -> Void) {
        let none = keys.map { _ in Audience() }
        guard !keys.isEmpty else { return then([]) }
        questions.ask(.audience(keys), of: questions.loops, from: loop, within: Self.patience) { answers in
            then(
                answers.values.reduce(none) { sum, answer in
                    guard case .audience(let part) = answer else { return sum }
                    return zip(sum, part).map { $0 + $1 }
                })
        }
    }

    /// In their order; nil for a loop that has not answered in time.
    func states(_ then: @escaping ([(index: Int, state: LoopState?)]) -> Void) {
        let loops = questions.loops
        questions.ask(.state, of: loops, from: loop, within: Self.patience) { answers in
            then(
                loops.map { index in
                    guard case .state(let state)? = answers[index] else { return (index, nil) }
                    return (index, state)
                })
        }
    }

    private func ask(_ question: LoopQuestion, of index: Int, _ then: @escaping (LoopAnswer?) -> Void) {
        questions.ask(question, of: [index], from: loop, within: Self.patience) { then($0[index]) }
    }
}
