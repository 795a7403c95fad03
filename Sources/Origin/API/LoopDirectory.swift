import Bytes
import Media
import Reactor
import Service
import Synchronization

/// The way from any loop to the clients and streams of every other; each loop looks at its own.
///
/// A question costs a loop no more than one page. The lock is held for the look-up of a port.
final class LoopDirectory: Sendable {
    enum Question: Sendable {
        case streams(ListingPage)
        case stream(RosterID)
        /// Who views these.
        case audience([StreamKey])
        /// What these virtual hosts have to do.
        case hosts([String])
        case clients(ListingPage)
        case client(RosterID)
        case kick(RosterID)
    }

    enum Answer: Sendable {
        case streams(Part<StreamSummary>)
        case clients(Part<ClientSummary>)
        /// In the order of the question.
        case audience([Audience])
        /// In the order of the question.
        case hosts([HostLoad])
        case kicked(Bool)

        var streams: Part<StreamSummary>? { if case .streams(let part) = self { part } else { nil } }
        var clients: Part<ClientSummary>? { if case .clients(let part) = self { part } else { nil } }
    }

    /// Those of a loop that are on the page, or the one asked for.
    struct Part<Item: Sendable>: Sendable {
        var items: [Item] = []
        /// How many there are on the loop.
        var count = 0
    }

    private struct Query: Sendable {
        let question: Question
        let reply: LoopCallback<Answer>
    }

    private let ports = Mutex<[Int: LoopPort<Query>]>([:])

    /// Loops that can be asked, by their indices from 0 on.
    var loopCount: Int { ports.withLock { $0.count } }

    /// Has the loop of `streams` answer from here on.
    func open(_ streams: LocalStreams) {
        let port = streams.loop.port { (query: Query) in query.reply.call(streams.answer(query.question)) }
        ports.withLock { $0[port.handle.index] = port }
    }

    /// Asks the loop of index `index`; `then` runs on `loop`, later than the call, or within it with nil where that
    /// loop has too much to do.
    func ask(_ question: Question, of index: Int, from loop: EventLoop, _ then: @escaping (Answer?) -> Void) {
        guard let port = ports.withLock({ $0[index] }) else { return then(nil) }
        let reply = loop.callback { (answer: Answer) in then(answer) }
        guard port.send(Query(question: question, reply: reply)) else {
            loop.forget(reply)
            return then(nil)
        }
    }
}

extension LocalStreams {
    /// What this loop knows.
    fileprivate func answer(_ question: LoopDirectory.Question) -> LoopDirectory.Answer {
        switch question {
        case .streams(let page):
            .streams(.init(items: publications.look(at: page) { summary(&$0) }, count: publications.count))
        case .stream(let id):
            .streams(.init(items: publications.look(at: id) { [summary(&$0)] } ?? []))
        case .audience(let keys): .audience(keys.map { audience(of: $0) })
        case .hosts(let names): .hosts(loads(of: names))
        case .clients(let page):
            .clients(.init(items: clients.look(at: page) { summary(&$0) }.flatMap(\.self), count: clients.count))
        case .client(let id): .clients(.init(items: clients.look(at: id) { summary(&$0) } ?? []))
        case .kick(let id): .kicked(kick(id))
        }
    }

    private func kick(_ id: RosterID) -> Bool {
        guard let client = clients.member(id) else { return false }
        client.kick()
        return true
    }

    private func summary(_ entry: inout Roster<any ListedClient>.Entry) -> [ClientSummary] {
        guard let facts = entry.member.facts else { return [] }
        let totals = entry.member.totals
        let rates = entry.rates.kilobits(totals, at: loop.now)
        return [
            ClientSummary(id: entry.id, facts: facts, alive: loop.now - entry.began, totals: totals, rates: rates)
        ]
    }

    private func summary(_ entry: inout Roster<PublishedStream>.Entry) -> StreamSummary {
        let publication = entry.member.publication
        let totals = ByteRates.Totals(received: publication.receivedBytes, sent: publication.sentBytes)
        let received = ByteRates.Totals(received: totals.received)
        return StreamSummary(
            id: entry.id, key: publication.key, publisher: entry.member.publisher, tcURL: entry.member.tcURL,
            live: loop.now - entry.began, frames: publication.frameCount, video: publication.head.video,
            audio: publication.head.audio, totals: totals, rates: entry.rates.kilobits(received, at: loop.now))
    }
}
