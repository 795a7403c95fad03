import Reactor
import Service

/// Asks the loops one after the other for what operators want to see, on the loop that answers them.
///
/// Whatever is asked comes with nil where a loop has too much to do.
struct DirectoryReader {
    private let directory: LoopDirectory
    private let loop: EventLoop

    init(_ directory: LoopDirectory, on loop: EventLoop) {
        self.directory = directory
        self.loop = loop
    }

    // MARK: - Clients

    func clients(_ page: ListingPage, _ then: @escaping ([ClientSummary]?) -> Void) {
        gather(page, from: 0, [], LoopDirectory.Question.clients, \.clients, then)
    }

    /// An empty list where there is none.
    func client(_ id: RosterID, _ then: @escaping ([ClientSummary]?) -> Void) {
        ask(id, .client(id), none: .clients(.init())) { then($0?.clients?.items) }
    }

    func kick(_ id: RosterID, _ then: @escaping (Bool?) -> Void) {
        ask(id, .kick(id), none: .kicked(false)) { answer in
            guard case .kicked(let isDone)? = answer else { return then(nil) }
            then(isDone)
        }
    }

    // MARK: - Streams

    func streams(_ page: ListingPage, _ then: @escaping ([StreamSummary]?) -> Void) {
        gather(page, from: 0, [], LoopDirectory.Question.streams, \.streams) { streams in
            guard let streams else { return then(nil) }
            count(streams, from: 0, then)
        }
    }

    /// An empty list where there is none.
    func stream(_ id: RosterID, _ then: @escaping ([StreamSummary]?) -> Void) {
        ask(id, .stream(id), none: .streams(.init())) { answer in
            guard let streams = answer?.streams?.items else { return then(nil) }
            count(streams, from: 0, then)
        }
    }

    /// Adds the viewers on every loop.
    private func count(
        _ streams: [StreamSummary], from index: Int, _ then: @escaping ([StreamSummary]?) -> Void
    ) {
        guard index < directory.loopCount, !streams.isEmpty else { return then(streams) }
        directory.ask(.audience(streams.map(\.key)), of: index, from: loop) { answer in
            guard case .audience(let audiences)? = answer else { return then(nil) }
            var counted = streams
            for (place, audience) in zip(counted.indices, audiences) { counted[place].add(audience) }
            count(counted, from: index + 1, then)
        }
    }

    // MARK: - Virtual hosts

    func hosts(_ hosts: [HostSummary], _ then: @escaping ([HostSummary]?) -> Void) {
        add(to: hosts, from: 0, then)
    }

    /// Adds what they have to do on every loop.
    private func add(to hosts: [HostSummary], from index: Int, _ then: @escaping ([HostSummary]?) -> Void) {
        guard index < directory.loopCount, !hosts.isEmpty else { return then(hosts) }
        directory.ask(.hosts(hosts.map(\.name)), of: index, from: loop) { answer in
            guard case .hosts(let loads)? = answer else { return then(nil) }
            var counted = hosts
            for (place, load) in zip(counted.indices, loads) { counted[place].load.add(load) }
            add(to: counted, from: index + 1, then)
        }
    }

    // MARK: - Loops

    private func ask(
        _ id: RosterID, _ question: LoopDirectory.Question, none: LoopDirectory.Answer,
        _ then: @escaping (LoopDirectory.Answer?) -> Void
    ) {
        guard (0..<directory.loopCount).contains(id.loop) else { return then(none) }
        directory.ask(question, of: id.loop, from: loop, then)
    }

    private func gather<Item: Sendable>(
        _ page: ListingPage, from index: Int, _ found: [Item],
        _ question: @escaping (ListingPage) -> LoopDirectory.Question,
        _ path: KeyPath<LoopDirectory.Answer, LoopDirectory.Part<Item>?>, _ then: @escaping ([Item]?) -> Void
    ) {
        guard index < directory.loopCount, page.count > 0 else { return then(found) }
        directory.ask(question(page), of: index, from: loop) { answer in
            guard let part = answer?[keyPath: path] else { return then(nil) }
            gather(page.behind(part.count), from: index + 1, found + part.items, question, path, then)
        }
    }
}
