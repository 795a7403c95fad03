/// Which node of a cluster has which slot, as one of its nodes says in answer to `CLUSTER SLOTS`.
package struct RedisSlotMap: Sendable, Equatable {
    package struct Limits: Sendable {
        /// Nodes of a cluster, replicas included: as many as its specification recommends at most. An answer with more
        /// is refused, and so is a move to one more.
        package var maximumNodes = 1_000

        package init() {}
    }

    package enum Failure: Error, Equatable {
        case notAList
        /// The entry at this position is no range of slots with a node.
        case malformedEntry(Int)
        /// The entry at this position is of slots that earlier ones have named already.
        case tooManySlots(Int)
        case tooManyNodes(maximum: Int)
    }

    /// Every node that is known, in the order in which they were named.
    package private(set) var nodes: [RedisEndpoint] = []
    private var positions: [RedisEndpoint: UInt16] = [:]
    /// For each slot a position in `nodes`.
    private var owners = [UInt16](repeating: Self.nobody, count: RedisSlot.count)
    private let maximumNodes: Int

    private static let nobody = UInt16.max

    /// A map of nothing.
    package init(limits: Limits = Limits()) { maximumNodes = min(limits.maximumNodes, Int(Self.nobody)) }

    /// The node that has `slot`; nil where nobody has it, or nobody knows.
    package subscript(slot: RedisSlot) -> RedisEndpoint? {
        let owner = owners[Int(slot.number)]
        return owner == Self.nobody ? nil : nodes[Int(owner)]
    }

    /// Whether each slot has a node.
    package var isComplete: Bool { !owners.contains(Self.nobody) }

    /// Those that have slots.
    package var primaries: Set<RedisEndpoint> {
        let positions = Set(owners).subtracting([Self.nobody])
        return Set(positions.map { nodes[Int($0)] })
    }

    /// Where a slot has gone, as the node that had it says; false, and no change, where there are too many nodes.
    package mutating func move(_ slot: RedisSlot, to node: RedisEndpoint) -> Bool {
        guard let position = position(of: node) else { return false }
        owners[Int(slot.number)] = position
        return true
    }

    private mutating func position(of node: RedisEndpoint) -> UInt16? {
        if let known = positions[node] { return known }
        guard nodes.count < maximumNodes else { return nil }
        nodes.append(node)
        positions[node] = UInt16(nodes.count - 1)
        return positions[node]
    }
}

// MARK: - The answer to CLUSTER SLOTS

extension RedisSlotMap {
    /// Of entries `[first slot, last slot, [host, port, …], …]`, the primary first. `asked` is who has answered: a node
    /// that does not know its own host means the one at which it was reached.
    package init(slots reply: RedisReply, asked: RedisEndpoint, limits: Limits = Limits()) throws(Failure) {
        guard case .list(let entries) = reply else { throw .notAList }
        self.init(limits: limits)
        var slotsLeft = RedisSlot.count
        for (index, entry) in entries.enumerated() {
            guard case .list(let parts) = entry, parts.count >= 3, let range = Self.range(parts[0], parts[1]) else {
                throw .malformedEntry(index)
            }
            // Each slot once: the work is bounded, whatever the answer says.
            slotsLeft -= range.count
            guard slotsLeft >= 0 else { throw .tooManySlots(index) }
            for (rank, part) in parts.dropFirst(2).enumerated() {
                guard let node = try Self.node(part, asked: asked, entry: index) else { continue }
                guard let position = position(of: node) else { throw .tooManyNodes(maximum: maximumNodes) }
                guard rank == 0 else { continue }
                for slot in range { owners[slot] = position }
            }
        }
    }

    private static func range(_ first: RedisReply, _ last: RedisReply) -> ClosedRange<Int>? {
        guard case .integer(let first) = first, case .integer(let last) = last,
            first >= 0, first <= last, last < RedisSlot.count
        else { return nil }
        return Int(first)...Int(last)
    }

    /// Nil for a node that says that it cannot be reached: its slots are nobody's until another answer.
    private static func node(_ part: RedisReply, asked: RedisEndpoint, entry: Int) throws(Failure) -> RedisEndpoint? {
        guard case .list(let fields) = part, fields.count >= 2, case .integer(let port) = fields[1] else {
            throw .malformedEntry(entry)
        }
        guard let port = UInt16(exactly: port) else { throw .malformedEntry(entry) }
        // The other kind of port is the only one that it has, TLS or plain.
        guard port > 0 else { return nil }
        switch fields[0] {
        case .null: return RedisEndpoint(asked.host, port: port)
        case .bytes, .status:
            guard let text = fields[0].text else { throw .malformedEntry(entry) }
            if text.isEmpty { return RedisEndpoint(asked.host, port: port) }
            // It should have a name of its own and has none; Redis 7 adds the address.
            let host = text == "?" ? addedAddress(fields.dropFirst(3).first) : text
            guard let host else { return nil }
            guard let node = RedisEndpoint(host: host, port: Int(port)) else { throw .malformedEntry(entry) }
            return node
        case .integer, .list, .error: throw .malformedEntry(entry)
        }
    }

    /// The value of `ip` in a list of names and values.
    private static func addedAddress(_ metadata: RedisReply?) -> String? {
        guard case .list(let words)? = metadata else { return nil }
        for position in stride(from: 0, to: words.count - 1, by: 2) where words[position].text == "ip" {
            return words[position + 1].text
        }
        return nil
    }
}
