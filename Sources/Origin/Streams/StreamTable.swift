package import Media
package import Reactor
import Synchronization

/// Every stream there is: who publishes it, and where its viewers are. All loops share it.
///
/// A lock is held for a look-up, when a publisher or a loop's first viewer of a stream comes or goes; never for a
/// frame. A stream without both is gone.
package final class StreamTable: Sendable {
    package struct Limits: Sendable {
        /// Streams with a publisher or a viewer; publishers and viewers of one more are refused.
        package var maximumStreams = 100_000

        package init() {}
    }

    /// What became of the wish to publish.
    package enum Beginning: Sendable {
        /// The time line goes on at `resume` where viewers have waited for it.
        case began(outlets: [Outlet], resume: MediaTime)
        /// Somebody else publishes it.
        case busy
        case full(maximum: Int)
    }

    private struct Entry {
        var publisher: (id: UInt64, changes: LoopPort<OutletChange>)?
        var outlets: [Outlet] = []
        var resume = MediaTime.zero

        var isIdle: Bool { publisher == nil && outlets.isEmpty }
    }

    private struct State {
        var entries: [StreamKey: Entry] = [:]
        var publishers = 0
        var nextID: UInt64 = 0
    }

    private let limits: Limits
    private let state = Mutex(State())

    package init(limits: Limits = Limits()) { self.limits = limits }

    package var streamCount: Int { state.withLock { $0.entries.count } }
    package var publisherCount: Int { state.withLock { $0.publishers } }

    package func isPublished(_ key: StreamKey) -> Bool { state.withLock { $0.entries[key]?.publisher != nil } }

    /// A number that nothing else has.
    package func makeID() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    // MARK: - Publishers

    /// `changes` is told of outlets that come and go from here on.
    package func publish(_ key: StreamKey, id: UInt64, changes: LoopPort<OutletChange>) -> Beginning {
        state.withLock { state in
            if state.entries[key] == nil, state.entries.count >= limits.maximumStreams {
                return .full(maximum: limits.maximumStreams)
            }
            var entry = state.entries[key] ?? Entry()
            guard entry.publisher == nil else { return .busy }
            entry.publisher = (id, changes)
            state.entries[key] = entry
            state.publishers += 1
            return .began(outlets: entry.outlets, resume: entry.resume)
        }
    }

    /// Another publisher may come, and goes on at `resume`.
    package func unpublish(_ key: StreamKey, id: UInt64, resume: MediaTime) {
        state.withLock { state in
            guard var entry = state.entries[key], entry.publisher?.id == id else { return }
            entry.publisher = nil
            entry.resume = resume
            state.entries[key] = entry.isIdle ? nil : entry
            state.publishers -= 1
        }
    }

    // MARK: - Viewers

    /// False where there are too many streams. The publisher that there is, or that comes, sends to the outlet.
    package func attach(_ outlet: Outlet, to key: StreamKey, from loop: EventLoop) -> Bool {
        let (isAttached, changes) = state.withLock { state -> (Bool, LoopPort<OutletChange>?) in
            if state.entries[key] == nil, state.entries.count >= limits.maximumStreams { return (false, nil) }
            state.entries[key, default: Entry()].outlets.append(outlet)
            return (true, state.entries[key]?.publisher?.changes)
        }
        // Asked for by the viewers of this loop, who are counted.
        if let changes { loop.answer(.attached(outlet), to: changes) }
        return isAttached
    }

    /// `sent` is what the viewers of the outlet were given.
    package func detach(_ id: UInt64, from key: StreamKey, sent: UInt64, on loop: EventLoop) {
        let changes = state.withLock { state -> LoopPort<OutletChange>? in
            guard var entry = state.entries[key] else { return nil }
            entry.outlets.removeAll { $0.id == id }
            state.entries[key] = entry.isIdle ? nil : entry
            return entry.publisher?.changes
        }
        if let changes { loop.answer(.detached(id: id, sent: sent), to: changes) }
    }
}
