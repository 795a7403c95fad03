import Bytes
import RTMP
import TestKit

/// Whatever a sender says, a receiver behind a relay hears the same of the stream that is relayed, on either number;
/// what is about the sender's own connection it does not hear.
func checkRelay(_ bytes: [UInt8], heard read: ReadMessages, limits: ChunkLimits) throws(BrokenInvariant) {
    let stream = read.messages.first { $0.header.type.mediaKind != nil }?.header.stream ?? .connection
    for target in [stream, MessageStreamID(77)] {
        for pieces in cuts(of: bytes).suffix(1) {
            let relayed = try readMessages([try relayed(pieces, from: stream, to: target, limits: limits)])
            try require(relayed.error == nil, "\(String(describing: relayed.error)) in what was relayed")
            let expected = read.messages.compactMap { $0.behindRelay(from: stream, to: target) }
            let heard = relayed.messages.filter { !$0.header.type.isControl }
            let isAll = read.error == nil
            // What the reader refuses, the relay does not forward.
            try require(
                isAll ? heard == expected : heard.elementsEqual(expected.prefix(heard.count)),
                "heard \(heard), expected \(expected)")
        }
    }
}

private func relayed(
    _ pieces: [[UInt8]], from: MessageStreamID, to: MessageStreamID, limits: ChunkLimits
) throws(BrokenInvariant) -> [UInt8] {
    var direction = RelayDirection(from: from, to: to)
    var sender = MessageChannel(limits: limits)
    var receiver = MessageChannel()
    var input: [UInt8] = []
    var output: [UInt8] = []
    for piece in pieces {
        input += piece
        var isHungry = false
        while !isHungry {
            var onward = ByteWriter()
            var back = ByteWriter()
            let bytes = input
            guard
                let step = try? direction.next(
                    bytes.rawSpan, sender: &sender, receiver: &receiver, onward: &onward, back: &back)
            else { return output }
            try require(step.raw.upperBound <= step.consumed, "more was passed on than consumed")
            output += bytes[step.raw] + Array(copying: onward.bytes)
            input.removeFirst(step.consumed)
            isHungry = step.event == .needsInput
        }
        try require(input.count <= 18, "\(input.count) bytes are left unconsumed")
    }
    return output
}

extension Message {
    /// Nil for what stays on the sender's leg.
    fileprivate func behindRelay(from: MessageStreamID, to: MessageStreamID) -> Message? {
        let stream = header.stream
        guard !header.type.isControl, stream == from || stream == .connection, !isRequest else { return nil }
        return Message(
            chunkStream: header.chunkStream, timestamp: header.timestamp, type: header.type,
            stream: stream == from ? to : stream, payload: payload)
    }

    /// Publish and play are kept back.
    private var isRequest: Bool {
        guard let encoding = header.type.encoding, header.type.mediaKind == nil,
            let command = try? Command(parsing: payload.bytes, encoding)
        else { return false }
        return command.name.equals("publish") || command.name.equals("play")
    }
}
