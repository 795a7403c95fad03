import Bytes

/// Makes whole messages of the bytes of a connection: a `ChunkReader` and a `MessageAssembler` for who wants nothing
/// else.
package struct MessageReader {
    package enum Event: Sendable, Equatable {
        /// Everything was consumed that could be: come back with more.
        case needsInput
        /// SetChunkSize and Abort have been applied already.
        case message(Message)
    }

    package struct Step: Sendable, Equatable {
        package let consumed: Int
        package let event: Event
    }

    private var chunks: ChunkReader
    package private(set) var assembler: MessageAssembler

    package init(limits: ChunkLimits = ChunkLimits()) {
        chunks = ChunkReader(limits: limits)
        assembler = MessageAssembler(limits: limits)
    }

    /// The most payload that one chunk of the peer carries now.
    package var chunkSize: Int { chunks.chunkSize }

    /// Looks at `bytes`, everything not yet consumed, and goes on to the end of the first message in them.
    package mutating func next(_ bytes: RawSpan) throws(ChunkError) -> Step {
        var consumed = 0
        while true {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            let step = try chunks.next(rest)
            consumed += step.consumed
            switch step.event {
            case .needsInput: return Step(consumed: consumed, event: .needsInput)
            case .aborted(let chunkStream): assembler.drop(chunkStream)
            case .fragment(let fragment):
                if let message = try assembler.add(rest.extracting(fragment.payload), of: fragment) {
                    return Step(consumed: consumed, event: .message(message))
                }
            }
        }
    }
}
