import Dispatch
import Glibc
import TestKit

/// What a scripted server does on one connection.
enum Step: Sendable {
    /// Reads exactly these bytes.
    case expect(String)
    case say(String)
    /// Says it byte by byte.
    case drip(String)
    /// Reads no more, until the gate opens.
    case wait(Gate)
    /// Reads and drops what comes, until the client goes.
    case outlast
    case close
    case reset
}

/// A listening socket on a thread of its own, with nothing of ours in it: each connection gets the next script, the
/// last one again and again.
final class ScriptedServer: Sendable {
    let port: UInt16
    /// `accepted`, what was not as expected, and `over` at the end of a script.
    let events = EventLog<String>()

    private let listener: CInt

    init(_ scripts: [Step]...) throws {
        let taken = try TakenPort()
        port = taken.port
        let listener = taken.descriptor
        self.listener = listener
        DispatchQueue(label: "scripted").async { [events] in
            Self.serve(listener, scripts, events)
            Glibc.close(listener)
        }
    }

    /// Ends the thread once no client is left; the last connection is not waited for.
    deinit { shutdown(listener, CInt(SHUT_RDWR)) }

    private static func serve(_ listener: CInt, _ scripts: [[Step]], _ events: EventLog<String>) {
        var number = 0
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            var bound = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &bound, socklen_t(MemoryLayout<timeval>.size))
            var on: CInt = 1
            setsockopt(connection, CInt(IPPROTO_TCP), TCP_NODELAY, &on, 4)
            events.append("accepted")
            for step in scripts[min(number, scripts.count - 1)] where !play(step, connection, events) { break }
            Glibc.close(connection)
            events.append("over")
            number += 1
        }
    }

    private static func play(_ step: Step, _ connection: CInt, _ events: EventLog<String>) -> Bool {
        switch step {
        case .expect(let text): return expect(Array(text.utf8), connection, events)
        case .say(let text): return say(Array(text.utf8), connection)
        case .drip(let text): return text.utf8.allSatisfy { say([$0], connection) }
        case .wait(let gate): gate.pass()
        case .outlast:
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            while recv(connection, &chunk, chunk.count, 0) > 0 {}
        case .close: return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            return false
        }
        return true
    }

    private static func say(_ bytes: [UInt8], _ connection: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func expect(_ bytes: [UInt8], _ connection: CInt, _ events: EventLog<String>) -> Bool {
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while received.count < bytes.count {
            let count = recv(connection, &chunk, min(chunk.count, bytes.count - received.count), 0)
            guard count > 0 else { break }
            received += chunk[..<count]
        }
        if received == bytes { return true }
        events.append(
            "expected \(String(decoding: bytes, as: UTF8.self)), got \(String(decoding: received, as: UTF8.self))")
        return false
    }
}
