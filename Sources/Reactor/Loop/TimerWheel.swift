/// Names one armed timer; stale once it has fired or was cancelled, and harmless then.
package struct TimerID: Hashable, Sendable {
    fileprivate let index: UInt32
    fileprivate let generation: UInt32
}

/// A hierarchical timer wheel: arm and cancel in constant time, whatever the number of timers.
///
///     level 0   256 slots of 1 tick        ← fires
///     level 1   256 slots of 256 ticks     ← spills into level 0 when its turn comes
///     level 2   256 slots of 65,536 ticks
///     level 3   256 slots of 16,777,216 ticks
///
/// Time is counted in ticks (the loop uses milliseconds) and moved by the caller. A timer lies in the lowest level
/// whose span covers its distance, in a list threaded through one array of nodes; a bitmap per level finds the next
/// used slot. Distances beyond 2³² − 1 ticks (49 days of milliseconds) are cut to that.
package struct TimerWheel<Payload> {
    private struct Node {
        var next: UInt32
        var previous: UInt32
        var generation: UInt32
        /// Level × 256 + slot, or `unlinked`.
        var place: UInt32
        var deadline: UInt64
        var payload: Payload?
    }

    private static var levels: Int { 4 }
    private static var none: UInt32 { .max }
    private static var unlinked: UInt32 { .max }

    private var nodes: [Node] = []
    private var freeList: UInt32 = .max
    private var heads = [UInt32](repeating: .max, count: 4 * 256)
    private var used = [UInt64](repeating: 0, count: 4 * 4)

    /// The last tick whose timers have all been fired.
    package private(set) var tick: UInt64

    /// Timers armed now.
    package private(set) var count = 0

    package init(tick: UInt64 = 0) { self.tick = tick }

    // MARK: - Arm and cancel

    /// Fires `payload` at the first `advance` to `deadline` or later; a deadline that has passed fires at the next
    /// tick.
    package mutating func arm(at deadline: UInt64, _ payload: Payload) -> TimerID {
        let index = takeNode()
        nodes[Int(index)].payload = payload
        nodes[Int(index)].deadline = min(max(deadline, tick + 1), tick + UInt64(UInt32.max))
        link(index)
        count += 1
        return TimerID(index: index, generation: nodes[Int(index)].generation)
    }

    /// Takes a timer out and returns its payload; nil where it has fired or was cancelled before.
    ///
    /// The payload goes to the caller so that its release, which may call into the owner of the wheel, does not happen
    /// in here.
    @discardableResult
    package mutating func cancel(_ id: TimerID) -> Payload? {
        let index = Int(id.index)
        guard index < nodes.count, nodes[index].generation == id.generation, nodes[index].payload != nil else {
            return nil
        }
        unlink(id.index)
        return release(id.index)
    }

    // MARK: - Time

    /// The tick at which `advance` has something to do next, or nil with no timer armed. It may be early by a spill
    /// from a higher level, never late.
    package var nextTick: UInt64? {
        guard count > 0 else { return nil }
        if heads[Int(tick & 255)] != Self.none { return tick }
        var best: UInt64?
        for level in 0..<Self.levels {
            let shift = UInt64(level * 8)
            let position = tick >> shift
            guard let distance = slotsToNextUsed(level: level, after: Int(position & 255)) else { continue }
            let due = (position + UInt64(distance)) << shift
            best = min(best ?? due, due)
        }
        return best
    }

    /// Removes and returns one timer due at or before `now`; nil when there is none and the wheel stands at `now`.
    package mutating func popExpired(now: UInt64) -> Payload? {
        while true {
            let slot = Int(tick & 255)
            if heads[slot] != Self.none {
                let index = heads[slot]
                unlink(index)
                return release(index)
            }
            guard tick < now else { return nil }
            guard let next = nextTick, next <= now else {
                tick = now
                return nil
            }
            tick = next
            spill()
        }
    }

    /// Moves what lies in the higher slots that begin at the current tick to where it belongs now.
    private mutating func spill() {
        var level = 1
        while level < Self.levels, tick & ((1 << UInt64(level * 8)) - 1) == 0 {
            let place = level * 256 + Int((tick >> UInt64(level * 8)) & 255)
            while heads[place] != Self.none {
                let index = heads[place]
                unlink(index)
                link(index)
            }
            level += 1
        }
    }

    // MARK: - Lists

    private mutating func link(_ index: UInt32) {
        let deadline = nodes[Int(index)].deadline
        // The highest differing byte decides the level: below it both share a slot, so it is reached by spilling.
        let distance = deadline ^ tick
        let level = distance < 1 << 8 ? 0 : distance < 1 << 16 ? 1 : distance < 1 << 24 ? 2 : 3
        let slot = Int((deadline >> UInt64(level * 8)) & 255)
        let place = level * 256 + slot
        let head = heads[place]
        nodes[Int(index)].place = UInt32(place)
        nodes[Int(index)].previous = Self.none
        nodes[Int(index)].next = head
        if head != Self.none { nodes[Int(head)].previous = index }
        heads[place] = index
        used[place >> 6] |= 1 << UInt64(place & 63)
    }

    private mutating func unlink(_ index: UInt32) {
        let node = (nodes[Int(index)].previous, nodes[Int(index)].next, Int(nodes[Int(index)].place))
        let (previous, next, place) = node
        if previous == Self.none { heads[place] = next } else { nodes[Int(previous)].next = next }
        if next != Self.none { nodes[Int(next)].previous = previous }
        if heads[place] == Self.none { used[place >> 6] &= ~(1 << UInt64(place & 63)) }
        nodes[Int(index)].place = Self.unlinked
    }

    /// Slots from `position` to the next used one of `level`, 1 to 256, going round; nil when the level is empty.
    private func slotsToNextUsed(level: Int, after position: Int) -> Int? {
        let base = level * 4
        let start = (position + 1) & 255
        for step in 0...4 {
            let word = ((start >> 6) + step) & 3
            var bits = used[base + word]
            if step == 0 { bits &= ~0 << UInt64(start & 63) }
            if step == 4 { bits &= (1 << UInt64(start & 63)) - 1 }
            guard bits != 0 else { continue }
            let slot = word * 64 + bits.trailingZeroBitCount
            return ((slot - start) & 255) + 1
        }
        return nil
    }

    // MARK: - Nodes

    private mutating func takeNode() -> UInt32 {
        if freeList != Self.none {
            let index = freeList
            freeList = nodes[Int(index)].next
            return index
        }
        nodes.append(Node(next: .max, previous: .max, generation: 0, place: .max, deadline: 0, payload: nil))
        return UInt32(nodes.count - 1)
    }

    private mutating func release(_ index: UInt32) -> Payload? {
        let payload = nodes[Int(index)].payload.take()
        nodes[Int(index)].generation &+= 1
        nodes[Int(index)].next = freeList
        freeList = index
        count -= 1
        return payload
    }
}
