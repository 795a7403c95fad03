import Bytes
import Reactor
import TestKit

/// One thing that a scripted peer does.
enum Step: Sendable {
    /// Waits for the head of a request.
    case request
    /// Waits for so many bytes of body.
    case body(Int)
    case say(String)
    /// Says the same so many times.
    case fill(String, Int)
    /// Lets time pass on the loop.
    case pause(Duration)
    /// Reads no more.
    case deaf
    /// Sends its end.
    case end
    case reset
}

enum PeerEvent: Equatable, Sendable {
    case accepted
    /// The head of a request, on the connection with this number.
    case request(Int, String)
    case body(Int, String)
    /// The script is over, and more has come.
    case more(String)
    case clientFinished(Int)
    case closed(Int)
    /// The step was done on the connection with this number.
    case ended(Int)
}

extension EventLog<PeerEvent> {
    var accepted: Int { events.count { $0 == .accepted } }

    /// First lines of the requests, each behind the number of its connection.
    var requestLines: [String] {
        events.compactMap { event in
            guard case .request(let number, let text) = event else { return nil }
            return "\(number) \(text.prefix { $0 != "\r\n" })"
        }
    }
}

/// Plays a script to each connection.
final class ScriptedAcceptor: TCPAcceptor {
    private let scripts: [[Step]]
    private let log: EventLog<PeerEvent>
    private var count = 0

    init(_ scripts: [[Step]], _ log: EventLog<PeerEvent>) {
        self.scripts = scripts
        self.log = log
    }

    func accepted(_ connection: TCPConnection, from peer: SocketAddress) -> (any TCPHandler)? {
        defer { count += 1 }
        log.append(.accepted)
        let player = ScriptPlayer(number: count, scripts[min(count, scripts.count - 1)], connection, log)
        if !connection.isSecure { player.go() }
        return player
    }
}

private final class ScriptPlayer: TCPHandler, TimerTarget {
    private let number: Int
    private var steps: ArraySlice<Step>
    private let connection: TCPConnection
    private let log: EventLog<PeerEvent>
    private var input: [UInt8] = []

    init(number: Int, _ steps: [Step], _ connection: TCPConnection, _ log: EventLog<PeerEvent>) {
        self.number = number
        self.steps = steps[...]
        self.connection = connection
        self.log = log
    }

    func connected(_ connection: TCPConnection) { go() }

    func received(_ bytes: RawSpan, on connection: TCPConnection) {
        input += Array(copying: bytes)
        go()
    }

    func peerFinished(_ connection: TCPConnection) {
        log.append(.clientFinished(number))
        connection.close()
    }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { log.append(.closed(number)) }

    func timerFired(_ token: UInt32) { go() }

    /// Goes on until a step has to wait.
    func go() {
        while let step = steps.first {
            switch step {
            case .request:
                guard let head = take(through: "\r\n\r\n") else { return }
                log.append(.request(number, head))
            case .body(let count):
                guard input.count >= count else { return }
                log.append(.body(number, String(decoding: input[..<count], as: UTF8.self)))
                input.removeFirst(count)
            case .say(let text): connection.write(SharedBytes(text))
            case .fill(let text, let count): connection.write(SharedBytes(String(repeating: text, count: count)))
            case .pause(let time):
                steps = steps.dropFirst()
                _ = connection.loop.arm(after: time, self)
                return
            case .deaf: connection.pauseReading()
            case .end:
                connection.close()
                log.append(.ended(number))
            case .reset:
                connection.abort()
                log.append(.ended(number))
            }
            steps = steps.dropFirst()
        }
        guard !input.isEmpty else { return }
        log.append(.more(String(decoding: input, as: UTF8.self)))
        input = []
    }

    private func take(through marker: String) -> String? {
        let text = String(decoding: input, as: UTF8.self)
        guard let end = text.firstRange(of: marker)?.upperBound else { return nil }
        let head = String(text[..<end])
        input.removeFirst(head.utf8.count)
        return head
    }
}
