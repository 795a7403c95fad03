/// One of the interleaved sequences of chunks that a connection carries: 2 to 65599.
package struct ChunkStreamID: Sendable, Hashable {
    package let number: UInt32

    /// Nil where no basic header can say it.
    package init?(_ number: UInt32) {
        guard (2...65599).contains(number) else { return nil }
        self.number = number
    }

    init(unchecked number: UInt32) { self.number = number }

    /// Protocol control and user control messages; nothing else should use it.
    package static let control = ChunkStreamID(unchecked: 2)
    /// What programs usually send commands on.
    package static let command = ChunkStreamID(unchecked: 3)

    // What goes to all players alike has chunk streams of its own.
    package static let audio = ChunkStreamID(unchecked: 4)
    package static let video = ChunkStreamID(unchecked: 6)
    package static let data = ChunkStreamID(unchecked: 7)

    /// Of the basic header that says it: 1 to 3 bytes.
    var byteCount: Int { number < 64 ? 1 : number < 320 ? 2 : 3 }
}

/// What a message belongs to: 0 is the connection, others are what `createStream` answered.
package struct MessageStreamID: Sendable, Hashable {
    package let number: UInt32

    package init(_ number: UInt32) { self.number = number }

    package static let connection = MessageStreamID(0)
}

/// What a message is; types that nobody has defined are kept.
package struct MessageType: Sendable, Hashable {
    package let number: UInt8

    package init(_ number: UInt8) { self.number = number }

    package static let setChunkSize = MessageType(1)
    package static let abort = MessageType(2)
    package static let acknowledgement = MessageType(3)
    package static let userControl = MessageType(4)
    package static let windowAcknowledgementSize = MessageType(5)
    package static let setPeerBandwidth = MessageType(6)
    package static let audio = MessageType(8)
    package static let video = MessageType(9)
    package static let dataAMF3 = MessageType(15)
    package static let sharedObjectAMF3 = MessageType(16)
    package static let commandAMF3 = MessageType(17)
    package static let dataAMF0 = MessageType(18)
    package static let sharedObjectAMF0 = MessageType(19)
    package static let commandAMF0 = MessageType(20)
    package static let aggregate = MessageType(22)
}
