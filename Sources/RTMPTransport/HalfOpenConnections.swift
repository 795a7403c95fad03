/// What a connection of a server counts as; the server's own.
package enum RTMPAdmission {
    /// The server has not counted it yet.
    case awaited
    /// It has not come to `connect` yet, and may have to give way to a newer one.
    case halfOpen(ticket: UInt64)
    /// It has one of the places.
    case admitted
}

/// The connections of a server that have not come to `connect` yet, by age.
///
/// Each is in it for no longer than its handshake may take, so that the numbers in use are close together.
struct HalfOpenConnections {
    private var connections: [UInt64: any RTMPServedConnection] = [:]
    /// The number of the oldest that is still there; `next` where there is none.
    private var oldest: UInt64 = 0
    private var next: UInt64 = 0

    mutating func add(_ connection: any RTMPServedConnection) -> UInt64 {
        defer { next += 1 }
        connections[next] = connection
        return next
    }

    /// False where it has given way.
    mutating func remove(_ ticket: UInt64) -> Bool {
        guard connections.removeValue(forKey: ticket) != nil else { return false }
        while oldest < next, connections[oldest] == nil { oldest += 1 }
        return true
    }

    mutating func removeOldest() -> (any RTMPServedConnection)? {
        guard let connection = connections[oldest] else { return nil }
        _ = remove(oldest)
        return connection
    }
}
