import Bytes
import Reactor
import Redis

/// A node of a cluster without sockets: a test connects it, and answers its commands.
final class FakeNode: RedisTopology {
    struct Question {
        let text: String
        let then: (Outcome) -> Void
    }

    weak var observer: (any RedisObserver)?
    let endpoint: RedisEndpoint
    private(set) var isUp = false
    private(set) var isStopped = false
    /// What it was asked and has not answered; never a map.
    private(set) var questions: [Question] = []
    /// All that it was ever asked.
    private(set) var asked: [String] = []
    /// What it says of the cluster.
    var map: Outcome = .failure(.unanswered)
    private let loop: EventLoop

    init(_ endpoint: RedisEndpoint, on loop: EventLoop) {
        self.endpoint = endpoint
        self.loop = loop
    }

    func start() {}
    func stop() {
        isStopped = true
        isUp = false
    }

    func send(_ command: RedisCommand, key: RedisKey?, then: @escaping (Outcome) -> Void) {
        // The words of the wire form, without their lengths.
        let words = String(copying: command.wire.bytes).split(separator: "\r\n").dropFirst()
        let text = words.enumerated().filter { $0.offset % 2 == 1 }.map(\.element).joined(separator: " ")
        asked.append(text)
        if text == "CLUSTER SLOTS" { return loop.afterRound { then(self.map) } }
        questions.append(Question(text: text, then: then))
    }

    func connect() {
        isUp = true
        observer?.redisIsUp()
    }

    func disconnect() {
        isUp = false
        observer?.redisIsDown(.ended)
    }

    /// Answers the oldest question.
    func answer(_ outcome: Outcome) { questions.removeFirst().then(outcome) }

    func refuse(_ words: String) { answer(.failure(.refused(RedisError(words)))) }
}

/// Nodes by their ports, which a cluster's client opens as it hears of them.
final class FakeCluster {
    private(set) var nodes: [UInt16: FakeNode] = [:]
    /// Nodes that were opened, in this order.
    private(set) var opened: [UInt16] = []
    private let loop: EventLoop
    /// Whether nodes that are opened are connected at once.
    var connects = true
    var map: Outcome

    init(on loop: EventLoop, map: Outcome) {
        self.loop = loop
        self.map = map
    }

    static func endpoint(_ port: UInt16) -> RedisEndpoint { RedisEndpoint(HostName("127.0.0.1")!, port: port) }

    /// The slots in equal parts.
    static func map(_ ports: UInt16...) -> Outcome {
        let part = RedisSlot.count / ports.count
        let entries = ports.enumerated().map { index, port -> RedisReply in
            let last = index == ports.count - 1 ? RedisSlot.count - 1 : (index + 1) * part - 1
            let node = RedisReply.list([.bytes(SharedBytes("127.0.0.1")), .integer(Int64(port))])
            return .list([.integer(Int64(index * part)), .integer(Int64(last)), node])
        }
        return .success(.list(entries))
    }

    func open(_ endpoint: RedisEndpoint) -> FakeNode {
        let node = FakeNode(endpoint, on: loop)
        node.map = map
        nodes[endpoint.port] = node
        opened.append(endpoint.port)
        if connects { loop.afterRound { node.connect() } }
        return node
    }
}
