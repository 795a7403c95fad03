package import Bytes
package import RTMP
package import TestKit

/// Chunks are read the same however they are cut, as a naive reader reads them, also behind a relay; what was written
/// is what is read.
///
/// The first byte says whether the rest is the bytes of a connection or the program of what is written on it. Of either
/// only so much is used that thousands of inputs can be tried in a minute.
package func checkChunks(_ input: [UInt8]) throws(BrokenInvariant) {
    guard let choice = input.first else { return }
    let rest = Array(input.dropFirst())
    if choice % 2 == 0 {
        try checkReading(Array(rest.prefix(400)), limits: choice % 4 == 0 ? tight : ChunkLimits())
    } else {
        let program = ChunkProgram(Array(rest.prefix(40)))
        let read = try checkReading(program.bytes, limits: ChunkLimits(maximumReservedBytes: Int(choice) * 2))
        try require(read.error == nil, "\(String(describing: read.error)) in what was written")
        try require(read.messages == program.messages, "read \(read.messages), written \(program.messages)")
    }
}

/// Bounds that a short input reaches.
private let tight = ChunkLimits(
    maximumMessageBytes: 300, maximumChunkStreams: 3, maximumUnfinishedBytes: 400, maximumReservedBytes: 50)

@discardableResult
private func checkReading(_ bytes: [UInt8], limits: ChunkLimits) throws(BrokenInvariant) -> ReadMessages {
    let read = try requireSame(bytes, "chunks") { pieces throws(BrokenInvariant) in
        try readMessages(pieces, limits: limits)
    }
    let naive = NaiveChunks.read(bytes, limits: limits)
    try require(read == naive, "read \(read), naively \(naive)")
    for pieces in cuts(of: bytes).suffix(2) {
        let relayed = try readMessages([try relay(pieces, limits: limits)], limits: limits)
        // What the reader refuses, the relay does not forward.
        try require(
            relayed.messages.elementsEqual(read.messages.prefix(relayed.messages.count)), "relayed \(relayed)")
        let isAll = relayed.messages.count == read.messages.count
        try require(isAll || read.error != nil, "relayed only \(relayed), of \(read)")
    }
    try checkRelay(bytes, heard: read, limits: limits)
    for message in read.messages.prefix(4) { try checkMessage(message) }
    return read
}

/// Whatever came in can be looked into, and goes out and in again unchanged.
private func checkMessage(_ message: Message) throws(BrokenInvariant) {
    if let control = try? ControlMessage(message) {
        try require((try? ControlMessage(control.message)) == control, "\(control) is read as another")
    }
    var aggregate = AggregateReader(message)
    var total = 0
    while let part = try? aggregate.next() { total += part.payload.count + 11 }
    try require(total <= message.payload.count, "more came out of an aggregate than is in it")
    let isForReader = message.header.type == .setChunkSize || message.header.type == .abort
    guard !isForReader else { return }
    let bytes = whole(message, chunkSize: 128)
    try require(try readMessages([bytes.array]).messages == [message], "\(message) does not survive being written")
}

/// The chunks of `message` alone, with a header that relies on none before.
package func whole(_ message: Message, chunkSize: Int) -> SharedBytes {
    var output = ByteWriter()
    ChunkWriter.appendWhole(message, chunkSize: chunkSize, to: &output)
    return output.finish()
}
