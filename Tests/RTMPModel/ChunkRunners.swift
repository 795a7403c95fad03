import Bytes
package import RTMP
package import TestKit

/// Reads messages from bytes that come in pieces, the way a connection would.
package func readMessages(
    _ pieces: [[UInt8]], limits: ChunkLimits = ChunkLimits()
) throws(BrokenInvariant)
    -> ReadMessages
{
    var result = ReadMessages()
    var reader = MessageReader(limits: limits)
    var input: [UInt8] = []
    for piece in pieces {
        input += piece
        var isHungry = false
        while !isHungry {
            do throws(ChunkError) {
                let step = try reader.next(input.rawSpan)
                input.removeFirst(step.consumed)
                switch step.event {
                case .needsInput: isHungry = true
                case .message(let message): result.messages.append(message)
                }
            } catch {
                result.error = error
                return result
            }
        }
        try require(input.count <= 18, "\(input.count) bytes are left unconsumed")
        let bound = 2 * reader.assembler.unfinishedBytes + limits.maximumReservedBytes
        try require(
            reader.assembler.allocatedBytes <= bound,
            "\(reader.assembler.allocatedBytes) bytes of memory, at most \(bound)")
        try require(
            reader.assembler.unfinishedBytes <= limits.maximumUnfinishedBytes,
            "\(reader.assembler.unfinishedBytes) unfinished")
    }
    return result
}

/// Forwards media chunk by chunk as its bytes come, with headers of its own, and everything else as whole messages that
/// it could have looked into: the way a relay does.
package func relay(_ pieces: [[UInt8]], limits: ChunkLimits = ChunkLimits()) throws(BrokenInvariant) -> [UInt8] {
    var relay = Relay(limits: limits)
    for piece in pieces where try !relay.receive(piece) { break }
    return Array(copying: relay.output.bytes)
}

private struct Relay: ~Copyable {
    private var reader: ChunkReader
    private var assembler: MessageAssembler
    private var writer = ChunkWriter()
    private var input: [UInt8] = []
    private var openChunk: ChunkStreamID?
    var output = ByteWriter()

    init(limits: ChunkLimits) {
        reader = ChunkReader(limits: limits)
        assembler = MessageAssembler(limits: limits)
    }

    /// Whether there is more to read behind `piece`.
    mutating func receive(_ piece: [UInt8]) throws(BrokenInvariant) -> Bool {
        input += piece
        while true {
            let bytes = input
            guard let step = try? reader.next(bytes.rawSpan) else { return false }
            switch step.event {
            case .needsInput:
                input.removeFirst(step.consumed)
                return true
            case .aborted(let chunkStream): assembler.drop(chunkStream)
            case .fragment(let fragment):
                try check(fragment, consumed: step.consumed)
                guard forward(fragment, bytes.rawSpan.extracting(fragment.payload)) else { return false }
            }
            input.removeFirst(step.consumed)
        }
    }

    private mutating func check(_ fragment: ChunkFragment, consumed: Int) throws(BrokenInvariant) {
        let chunkStream = fragment.header.chunkStream
        try require(fragment.payload.upperBound == consumed, "a payload that was not consumed")
        try require(fragment.opensChunk == (openChunk == nil), "a chunk inside of a chunk")
        try require(openChunk == nil || openChunk == chunkStream, "a chunk goes on with another's payload")
        try require(fragment.opensChunk || !fragment.opensMessage, "a message that opens inside of a chunk")
        try require(fragment.closesChunk || !fragment.endsMessage, "a message that ends inside of a chunk")
        openChunk = fragment.closesChunk ? nil : chunkStream
    }

    /// False where the assembler refuses.
    private mutating func forward(_ fragment: ChunkFragment, _ payload: RawSpan) -> Bool {
        let header = fragment.header
        if header.type == .audio || header.type == .video {
            if fragment.opensMessage {
                writer.open(header, to: &output)
            } else if fragment.opensChunk {
                writer.goOn(header.chunkStream, to: &output)
            }
            output.append(payload)
            return true
        }
        do throws(ChunkError) {
            guard let message = try assembler.add(payload, of: fragment) else { return true }
            writer.append(message, to: &output)
            writer.chunkSize = reader.chunkSize
            return true
        } catch {
            return false
        }
    }
}
