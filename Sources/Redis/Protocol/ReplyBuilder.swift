import Bytes
import CHiredis

/// Makes values of what hiredis finds.
///
/// hiredis would have objects of ours and free them. It gets a pointer that means nothing, and everything stays here: a
/// reply of which half has come goes with its builder, whatever hiredis knows of it.
final class ReplyBuilder {
    /// A list of which elements are still missing.
    private struct OpenList {
        let count: Int
        var elements: [RedisReply] = []
    }

    private let limits: RedisReader.Limits
    private var lists: [OpenList] = []
    private var reply: RedisReply?
    private var elements = 0

    /// Why a call of hiredis was refused, which to hiredis looks as if there were no memory.
    private(set) var refusal: RedisReader.Failure?

    init(limits: RedisReader.Limits) { self.limits = limits }

    /// The reply that hiredis says is whole.
    func takeReply() -> RedisReply? {
        elements = 0
        return reply.take()
    }

    private func add(_ value: RedisReply) {
        var value = value
        while var list = lists.popLast() {
            list.elements.append(value)
            guard list.elements.count == list.count else { return lists.append(list) }
            value = .list(list.elements)
        }
        reply = value
    }

    private func addText(_ kind: CInt, _ bytes: UnsafeRawBufferPointer) -> Bool {
        if kind == REDIS_REPLY_STRING {
            add(.bytes(SharedBytes(copying: bytes.bytes)))
            return true
        }
        guard bytes.count <= limits.maximumLine else {
            refusal = .longLine(maximum: limits.maximumLine)
            return false
        }
        let text = String(decoding: bytes, as: UTF8.self)
        add(kind == REDIS_REPLY_ERROR ? .error(RedisError(text)) : .status(text))
        return true
    }

    /// Nothing is allocated on the word of a server.
    private func openList(_ count: Int) -> Bool {
        elements += count
        guard elements <= limits.maximumElements else {
            refusal = .crowded(elements: elements, maximum: limits.maximumElements)
            return false
        }
        if count == 0 { add(.list([])) } else { lists.append(OpenList(count: count)) }
        return true
    }
}

// MARK: - What hiredis calls

extension ReplyBuilder {
    static var functions: redisReplyObjectFunctions {
        redisReplyObjectFunctions(
            createString: { task, start, count in
                let bytes = UnsafeRawBufferPointer(start: start, count: count)
                return ReplyBuilder.token(task) { $0.addText(task!.pointee.type, bytes) }
            },
            createArray: { task, count in ReplyBuilder.token(task) { $0.openList(Int(count)) } },
            createInteger: { task, value in
                ReplyBuilder.token(task) { builder in
                    builder.add(.integer(value))
                    return true
                }
            },
            createNil: { task in
                ReplyBuilder.token(task) { builder in
                    builder.add(.null)
                    return true
                }
            },
            freeObject: { _ in })
    }

    /// A pointer that is not null where `build` has done what hiredis asks for.
    private static func token(
        _ task: UnsafePointer<redisReadTask>?, _ build: (ReplyBuilder) -> Bool
    ) -> UnsafeMutableRawPointer? {
        guard let context = task?.pointee.privdata else { return nil }
        // Safe: `RedisReader` put its builder there, and is in a call of its own now.
        let builder = Unmanaged<ReplyBuilder>.fromOpaque(context).takeUnretainedValue()
        return build(builder) ? context : nil
    }
}
