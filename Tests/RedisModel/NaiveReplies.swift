import Bytes
package import Redis

/// Replies as the protocol's page has them, read from a whole input by recursion: what `RedisReader` is compared with.
///
/// It takes what hiredis takes: two bytes of any kind end a string.
package struct NaiveReplies {
    /// It is not the protocol, or goes beyond the bounds.
    private struct Refusal: Error {}
    /// The input ends before the reply does.
    private struct Incomplete: Error {}

    private let input: [UInt8]
    private let limits: RedisReader.Limits
    private var position = 0
    private var start = 0
    private var elements = 0

    package private(set) var replies: [RedisReply] = []
    package private(set) var isRefused = false

    package init(_ input: [UInt8], limits: RedisReader.Limits) {
        self.input = input
        self.limits = limits
        do {
            while position < input.count {
                start = position
                elements = 0
                replies.append(try reply(depth: 0))
            }
        } catch is Refusal {
            isRefused = true
        } catch {
            isRefused = input.count - start > limits.maximumBytes
        }
    }

    private mutating func byte() throws -> UInt8 {
        guard position - start < limits.maximumBytes else {
            throw position < input.count ? Refusal() as any Error : Incomplete()
        }
        guard position < input.count else { throw Incomplete() }
        defer { position += 1 }
        return input[position]
    }

    private mutating func text() throws -> String {
        let line = try line()
        if line.count > limits.maximumLine { throw Refusal() }
        return String(decoding: line, as: UTF8.self)
    }

    private mutating func line() throws -> [UInt8] {
        var line: [UInt8] = []
        while true {
            let next = try byte()
            if next == UInt8(ascii: "\n"), line.last == UInt8(ascii: "\r") {
                line.removeLast()
                return line
            }
            line.append(next)
        }
    }

    /// A number without a plus, a blank, a needless zero, or anything behind it.
    private mutating func number() throws -> Int {
        let text = String(decoding: try line(), as: UTF8.self)
        guard let number = Int(text), "\(number)" == text else { throw Refusal() }
        return number
    }

    private mutating func reply(depth: Int) throws -> RedisReply {
        switch try byte() {
        case UInt8(ascii: "+"): return .status(try text())
        case UInt8(ascii: "-"): return .error(RedisError(try text()))
        case UInt8(ascii: ":"): return .integer(Int64(try number()))
        case UInt8(ascii: "$"):
            let count = try number()
            guard count >= -1 else { throw Refusal() }
            guard count >= 0 else { return .null }
            var bytes: [UInt8] = []
            while bytes.count < count { bytes.append(try byte()) }
            for _ in 0..<2 { _ = try byte() }
            return .bytes(SharedBytes(bytes))
        case UInt8(ascii: "*"):
            // Nine tasks, of which the first is the reply itself.
            guard depth < 8 else { throw Refusal() }
            let count = try number()
            guard count >= -1, count <= Int32.max else { throw Refusal() }
            guard count >= 0 else { return .null }
            elements += count
            guard elements <= limits.maximumElements else { throw Refusal() }
            var list: [RedisReply] = []
            for _ in 0..<count { list.append(try reply(depth: depth + 1)) }
            return .list(list)
        default: throw Refusal()
        }
    }
}
