/// How the messages of one chunk stream go through a relay.
struct RelayPassage {
    /// What is done with the message under way.
    enum Way {
        /// Its chunks go on as they are.
        case raw
        /// Its payload goes on, behind headers of the relay's own.
        case rewritten
        /// It is put together first: the relay has to understand it.
        case assembled
        /// Nobody wants it.
        case dropped
    }

    /// How much of what the sender's next header may leave out the receiver knows.
    enum Knowledge {
        case nothing
        /// All but what a header without timestamp adds.
        case header
        case all
    }

    var way = Way.assembled
    var knowledge = Knowledge.nothing

    /// Whether the receiver understands a header of `format` as the sender means it.
    func understands(format: UInt8) -> Bool {
        switch format {
        case 0: true
        case 1, 2: knowledge != .nothing
        default: knowledge == .all
        }
    }
}
