import Dispatch
import Glibc

/// A server of Redis did not say what a test needs.
package struct RedisSays: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension RedisServer {
    /// What it answers to a line, of any length, its lists as one; what is null is empty, and a refusal is thrown.
    package func words(_ line: String, password: String? = nil) throws -> [String] {
        let socket = try LoopbackSocket(port: port)
        try socket.send(Array("\(password.map { "AUTH \($0)\r\n" } ?? "")\(line)\r\n".utf8))
        var answer = WordReader()
        if password != nil { _ = try answer.next(from: socket) }
        return try answer.next(from: socket)
    }

    /// Whether somebody listens at its port.
    package var isRunning: Bool { (try? LoopbackSocket(port: port)) != nil }

    /// Blocks until `isMet`; an error it throws means: not yet. `what` is told where a minute has not brought it.
    package static func wait(for what: String, until isMet: () throws -> Bool) throws {
        let deadline = DispatchTime.now() + 60
        var last = "no"
        repeat {
            do { if try isMet() { return } } catch { last = "\(error)" }
            // Nothing tells when servers agree.
            poll(nil, 0, 20)
        } while DispatchTime.now() < deadline
        throw RedisSays("\(what) has not come within a minute: \(last)")
    }
}

/// Reads answers from a socket.
private struct WordReader {
    private var bytes: [UInt8] = []
    private var position = 0

    mutating func next(from socket: LoopbackSocket) throws -> [String] {
        var words: [String] = []
        try read(into: &words, from: socket)
        return words
    }

    private mutating func read(into words: inout [String], from socket: LoopbackSocket) throws {
        let line = try line(from: socket)
        let count = Int(line.dropFirst()) ?? 0
        switch line.first {
        case "-": throw RedisSays(line)
        case "*": for _ in 0..<max(count, 0) { try read(into: &words, from: socket) }
        case "$" where count < 0: words.append("")
        case "$":
            while bytes.count < position + count + 2 { bytes += try socket.receive() }
            words.append(String(decoding: bytes[position..<(position + count)], as: UTF8.self))
            position += count + 2
        default: words.append(String(line.dropFirst()))
        }
    }

    private mutating func line(from socket: LoopbackSocket) throws -> String {
        while true {
            if let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { position = end + 1 }
                return String(decoding: bytes[position..<(end - 1)], as: UTF8.self)
            }
            bytes += try socket.receive()
        }
    }
}
