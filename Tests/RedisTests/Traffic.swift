import Bytes
import Reactor
import Redis

/// Sends commands one after the other, on several lanes at once, and counts what becomes of them. On a loop.
final class Traffic {
    typealias Sender = (_ lane: Int, _ then: @escaping (Outcome) -> Void) -> Void

    private(set) var answered = 0
    private(set) var failures: [RedisFailure] = []
    /// From a command to what became of it.
    private(set) var longest: Duration = .zero
    private(set) var underWay = 0
    private let loop: EventLoop
    private let send: Sender
    private var isStopping = false

    init(on loop: EventLoop, lanes: Int, send: @escaping Sender) {
        self.loop = loop
        self.send = send
        for lane in 0..<lanes { next(lane) }
    }

    /// Nothing new is sent; what is under way comes to its end.
    func stop() { isStopping = true }

    private func next(_ lane: Int) {
        guard !isStopping else { return }
        underWay += 1
        let began = loop.now
        send(lane) { [self] outcome in
            underWay -= 1
            longest = max(longest, loop.now - began)
            switch outcome {
            case .success: answered += 1
            case .failure(let failure): failures.append(failure)
            }
            // Not as fast as can be: others have tests as well.
            _ = loop.arm(after: .milliseconds(1), self, token: UInt32(lane))
        }
    }

    /// Whether there are no other failures than those of a server that goes away.
    var failedAsMayBe: Bool { failures.allSatisfy { $0 == .unavailable || $0 == .unanswered } }
}

extension Traffic: TimerTarget {
    func timerFired(_ token: UInt32) { next(Int(token)) }
}
