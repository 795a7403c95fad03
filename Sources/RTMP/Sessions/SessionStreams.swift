/// One message stream of a client.
struct SessionStream {
    enum Role: Equatable {
        case idle
        case publishing(AMFString)
        case playing
    }

    let id: MessageStreamID
    var role = Role.idle
    /// That of the command by which it got its role, which notices about it use, too.
    var encoding = MessageEncoding.amf0
}

/// The message streams of a client: a handful, looked up one by one.
struct SessionStreams {
    private var streams: [SessionStream] = []
    let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    var all: [MessageStreamID] { streams.map(\.id) }

    subscript(id: MessageStreamID) -> SessionStream? { index(of: id).map { streams[$0] } }

    func contains(where isMeant: (SessionStream.Role) -> Bool) -> Bool { streams.contains { isMeant($0.role) } }

    /// The next stream, with the lowest number from 1 that is free; nil where there are too many.
    mutating func create() -> MessageStreamID? {
        guard streams.count < maximum else { return nil }
        var number: UInt32 = 1
        while self[MessageStreamID(number)] != nil { number += 1 }
        let id = MessageStreamID(number)
        streams.append(SessionStream(id: id))
        return id
    }

    /// Whether there is such a stream, or room for it: it is there from here on.
    mutating func adopt(_ id: MessageStreamID) -> Bool {
        if self[id] != nil { return true }
        guard streams.count < maximum else { return false }
        streams.append(SessionStream(id: id))
        return true
    }

    mutating func set(_ id: MessageStreamID, _ role: SessionStream.Role, encoding: MessageEncoding) {
        guard let index = index(of: id) else { return }
        streams[index].role = role
        streams[index].encoding = encoding
    }

    /// Ends what the stream does; the role it had.
    mutating func stop(_ id: MessageStreamID) -> SessionStream.Role {
        guard let index = index(of: id) else { return .idle }
        let role = streams[index].role
        streams[index].role = .idle
        return role
    }

    mutating func remove(_ id: MessageStreamID) { streams.removeAll { $0.id == id } }

    /// The stream that a message on `id` is about: that one, or else, for clients that send on 0 or on a stream they
    /// never created, the only one that does anything of the kind.
    func meant(by id: MessageStreamID, where isMeant: (SessionStream.Role) -> Bool) -> MessageStreamID? {
        guard let index = index(of: id) else { return only(where: isMeant) }
        return isMeant(streams[index].role) ? id : nil
    }

    /// The stream that does something of the kind, where no other does.
    func only(where isMeant: (SessionStream.Role) -> Bool) -> MessageStreamID? {
        guard let first = streams.firstIndex(where: { isMeant($0.role) }),
            !streams[(first + 1)...].contains(where: { isMeant($0.role) })
        else { return nil }
        return streams[first].id
    }

    private func index(of id: MessageStreamID) -> Int? { streams.firstIndex { $0.id == id } }
}

extension SessionStream.Role {
    var isPublishing: Bool {
        switch self {
        case .publishing: true
        case .idle, .playing: false
        }
    }

    var isPlaying: Bool { self == .playing }

    var isActive: Bool { self != .idle }
}
