import Bytes
package import Redis
package import TestKit

/// What came out of a reader, and whether it has refused the rest.
package struct ReadReplies: Equatable {
    package var replies: [RedisReply]
    package var isRefused = false

    package init(replies: [RedisReply] = []) { self.replies = replies }
}

/// Reads `pieces` one after the other.
package func readReplies(_ pieces: [[UInt8]], limits: RedisReader.Limits) -> ReadReplies {
    let reader = RedisReader(limits: limits)
    var read = ReadReplies()
    do {
        for piece in pieces {
            try reader.read(piece.rawSpan) { reply in
                read.replies.append(reply)
                return true
            }
        }
    } catch {
        read.isRefused = true
    }
    return read
}

/// What must always hold of a reader: however the input is cut, the replies are those of the naive one.
package func checkReplies(_ input: [UInt8]) throws(BrokenInvariant) {
    var small = RedisReader.Limits()
    small.maximumBytes = 64
    small.maximumElements = 8
    small.maximumLine = 16
    for limits in [RedisReader.Limits(), small] {
        let read = try requireSame(input, "replies") { pieces in readReplies(pieces, limits: limits) }
        let naive = NaiveReplies(input, limits: limits)
        try require(read.replies == naive.replies, "\(read.replies), naively \(naive.replies)")
        // A line that is too long and goes on is refused early; the naive reader waits for its end.
        let mayBeEarly = input.count > limits.maximumLine
        try require(
            read.isRefused == naive.isRefused || read.isRefused && mayBeEarly,
            "refused: \(read.isRefused), naively \(naive.isRefused)")
    }
}
