import Dispatch
import Synchronization

/// A wait that did not end in time, with what had been seen by then.
package struct WaitExpired: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// What happened, in order, told by any thread; a test waits for the event it needs, with a bound.
package final class EventLog<Event: Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        let isMet: @Sendable ([Event]) -> Bool
        let continuation: CheckedContinuation<[Event]?, Never>
    }

    private struct State {
        var events: [Event] = []
        var waiters: [Waiter] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Everything so far.
    package var events: [Event] { state.withLock { $0.events } }

    package func append(_ event: Event) {
        let met = state.withLock { state -> [(Waiter, [Event])] in
            state.events.append(event)
            let events = state.events
            let met = state.waiters.filter { $0.isMet(events) }
            state.waiters.removeAll { waiter in met.contains { $0.id == waiter.id } }
            return met.map { ($0, events) }
        }
        for (waiter, events) in met { waiter.continuation.resume(returning: events) }
    }

    /// Waits until the events so far satisfy `isMet`, and returns them.
    @discardableResult
    package func wait(
        for what: String, within bound: Duration = .seconds(20),
        until isMet: @escaping @Sendable ([Event]) -> Bool
    ) async throws -> [Event] {
        let met: [Event]? = await withCheckedContinuation { continuation in
            let id = state.withLock { state -> Int? in
                if isMet(state.events) { return nil }
                state.nextID += 1
                state.waiters.append(Waiter(id: state.nextID, isMet: isMet, continuation: continuation))
                return state.nextID
            }
            guard let id else { return continuation.resume(returning: events) }
            let milliseconds = Int(bound.components.seconds * 1_000)
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { self.expire(id) }
        }
        guard let met else { throw WaitExpired(description: "no \(what) within \(bound); saw \(events.suffix(20))") }
        return met
    }

    /// Waits for `count` events.
    @discardableResult
    package func wait(count: Int, within bound: Duration = .seconds(20)) async throws -> [Event] {
        try await wait(for: "\(count) events", within: bound) { $0.count >= count }
    }

    private func expire(_ id: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: nil)
    }
}

extension EventLog where Event: Equatable {
    @discardableResult
    package func wait(for event: Event, within bound: Duration = .seconds(20)) async throws -> [Event] {
        try await wait(for: "\(event)", within: bound) { $0.contains(event) }
    }
}
