import CHiredis

/// Replies out of a stream of bytes, by hiredis' reader.
///
/// hiredis finds where replies begin and end; what they are made of belongs to `ReplyBuilder`. After an error there is
/// nothing more to be read: nobody knows where the next reply would begin.
package final class RedisReader {
    /// What a server can make us hold. Beyond, `read` throws.
    package struct Limits: Sendable, Equatable {
        /// Bytes of one reply, as they come over the wire.
        package var maximumBytes = 64 << 20
        /// Elements of one reply, those of all its lists together. A list that announces more is refused at that.
        package var maximumElements = 1 << 20
        /// Bytes of a line, a status or an error; incomplete ones are searched anew with every piece of input.
        package var maximumLine = 64 << 10

        package init() {}
    }

    package enum Failure: Error, Equatable, Sendable {
        /// A reply has more bytes than `Limits.maximumBytes`.
        case oversized(maximum: Int)
        /// A reply has, or announces, more elements than `Limits.maximumElements`.
        case crowded(elements: Int, maximum: Int)
        case longLine(maximum: Int)
        /// It is not the protocol, or lists lie in each other deeper than hiredis reads (7); in its words.
        case malformed(reason: String)
    }

    private let limits: Limits
    let builder: ReplyBuilder
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let reader: UnsafeMutablePointer<redisReader>
    /// Bytes of the reply that is being read, as far as hiredis has them.
    private var replyBytes = 0
    private var failure: Failure?

    package init(limits: Limits = Limits()) {
        self.limits = limits
        builder = ReplyBuilder(limits: limits)
        functions = .allocate(capacity: 1)
        functions.initialize(to: ReplyBuilder.functions)
        guard let reader = redisReaderCreateWithFunctions(functions) else { fatalError("out of memory") }
        self.reader = reader
        // Safe: hiredis hands the pointer back in calls that `read` makes, and the builder lives as long as the reader.
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
    }

    deinit {
        // Safe: both were made in `init`, and hiredis does not refer to the functions any more.
        redisReaderFree(reader)
        functions.deallocate()
    }

    /// Bytes that hiredis is given at once: it moves what is left of them with every kibibyte that it has read.
    private static let piece = 16 << 10

    /// Hands every reply that `bytes` completes to `take`, which returns false to have no more of them.
    package func read(_ bytes: RawSpan, _ take: (RedisReply) -> Bool) throws(Failure) {
        if let failure { throw failure }
        var start = 0
        while start < bytes.byteCount {
            let allowed = limits.maximumBytes - replyBytes
            guard allowed > 0 else { throw fail(.oversized(maximum: limits.maximumBytes)) }
            let end = start + min(bytes.byteCount - start, allowed, Self.piece)
            feed(bytes.extracting(start..<end))
            start = end
            while let reply = try next() { guard take(reply) else { return } }
        }
    }

    private func feed(_ bytes: RawSpan) {
        let result = bytes.withUnsafeBytes { piece in
            // Safe: hiredis copies the bytes during the call.
            redisReaderFeed(reader, piece.bindMemory(to: CChar.self).baseAddress, piece.count)
        }
        precondition(result == REDIS_OK, "out of memory")
        replyBytes += bytes.byteCount
    }

    private func next() throws(Failure) -> RedisReply? {
        var token: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &token) == REDIS_OK else { throw fail(builder.refusal ?? reason) }
        guard token != nil else {
            if openLine > limits.maximumLine { throw fail(.longLine(maximum: limits.maximumLine)) }
            return nil
        }
        replyBytes = unread
        return builder.takeReply()
    }

    private func fail(_ failure: Failure) -> Failure {
        self.failure = failure
        return failure
    }

    private var reason: Failure {
        let text = withUnsafeBytes(of: &reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return .malformed(reason: text)
    }

    private var unread: Int { reader.pointee.len - reader.pointee.pos }

    /// Bytes of the line whose end has not come yet; 0 where something else is waited for.
    private var openLine: Int {
        // Numbers are lines as well, however short the others must be; the longest one has 20 bytes.
        let searched = max(limits.maximumLine, 20) + 1
        guard unread > searched, let buffer = reader.pointee.buf else { return 0 }
        // Safe: hiredis has `len` bytes at `buf`, and `pos` is within them.
        let rest = UnsafeRawBufferPointer(start: buffer + reader.pointee.pos, count: searched + 1)
        let hasEnded = zip(rest, rest.dropFirst()).contains { $0 == UInt8(ascii: "\r") && $1 == UInt8(ascii: "\n") }
        return hasEnded ? 0 : unread
    }
}
