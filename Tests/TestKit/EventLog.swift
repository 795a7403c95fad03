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
        let isMet: @Sendable ([Event]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var events: [Event] = []
        var waiters: [Int: Waiter] = [:]
        /// What the waiters that were met had waited for. Left here and not given by the continuation, which shows the
        /// thread sanitizer no order where it is resumed before it is awaited.
        var met: [Int: [Event]] = [:]
        var nextID = 0

        mutating func isMet(_ id: Int, _ waiter: Waiter) -> Bool {
            guard waiter.isMet(events) else { return false }
            met[id] = events
            waiters[id] = nil
            return true
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Everything so far.
    package var events: [Event] { state.withLock { $0.events } }

    package func append(_ event: Event) {
        let met = state.withLock { state -> [Waiter] in
            state.events.append(event)
            let waiters = state.waiters
            return waiters.filter { id, waiter in state.isMet(id, waiter) }.map(\.value)
        }
        for waiter in met { waiter.continuation.resume() }
    }

    /// Waits until the events so far satisfy `isMet`, and returns them.
    @discardableResult
    package func wait(
        for what: String, within bound: Duration = .seconds(20),
        until isMet: @escaping @Sendable ([Event]) -> Bool
    ) async throws -> [Event] {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withCheckedContinuation { continuation in
            let waiter = Waiter(isMet: isMet, continuation: continuation)
            let waits = state.withLock { state in
                if state.isMet(id, waiter) { return false }
                state.waiters[id] = waiter
                return true
            }
            guard waits else { return continuation.resume() }
            let milliseconds = Int(bound.components.seconds * 1_000)
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { self.expire(id) }
        }
        guard let met = state.withLock({ $0.met.removeValue(forKey: id) }) else {
            throw WaitExpired(description: "no \(what) within \(bound); saw \(events.suffix(20))")
        }
        return met
    }

    /// Waits for `count` events.
    @discardableResult
    package func wait(count: Int, within bound: Duration = .seconds(20)) async throws -> [Event] {
        try await wait(for: "\(count) events", within: bound) { $0.count >= count }
    }

    private func expire(_ id: Int) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.continuation.resume()
    }
}

extension EventLog where Event: Equatable {
    @discardableResult
    package func wait(for event: Event, within bound: Duration = .seconds(20)) async throws -> [Event] {
        try await wait(for: "\(event)", within: bound) { $0.contains(event) }
    }
}
