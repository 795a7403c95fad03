/// A ticket for a closure that stays on its loop: any thread may hold the ticket, and calling it runs the closure
/// there.
///
/// One call uses it up. It is not refused where the mailbox is full, for its number is bounded by what the loop's own
/// code has asked for; so whoever works for a loop can always answer it.
package struct LoopCallback<Value: Sendable>: Sendable {
    fileprivate let handle: LoopHandle
    fileprivate let id: UInt64

    /// Runs the closure on its loop with `value`; false where the loop has ended, and then nothing runs.
    @discardableResult
    package func call(_ value: Value) -> Bool {
        let id = self.id
        return handle.deliver { loop in loop.callbacks.take(id, of: Value.self)?.body(value) }
    }
}

extension EventLoop {
    /// A ticket for `body`, which runs once, on this loop. `ended` runs in its place where the loop ends first.
    package func callback<Value: Sendable>(
        ended: @escaping () -> Void = {}, _ body: @escaping (Value) -> Void
    ) -> LoopCallback<Value> {
        LoopCallback(handle: handle, id: callbacks.add(PendingCallback(body: body, ended: ended)))
    }

    /// Lets go of the closure; a call that is still to come does nothing.
    package func forget<Value>(_ callback: LoopCallback<Value>) {
        let forgotten = callbacks.take(callback.id, of: Value.self)
        // Released here, where the table is free again for who ends with it.
        withExtendedLifetime(forgotten) {}
    }
}

/// The closures of one loop that wait to be called.
struct CallbackTable {
    private var waiting: [UInt64: any EndableCallback] = [:]
    private var nextID: UInt64 = 0

    fileprivate mutating func add(_ callback: any EndableCallback) -> UInt64 {
        nextID += 1
        waiting[nextID] = callback
        return nextID
    }

    fileprivate mutating func take<Value>(_ id: UInt64, of: Value.Type) -> PendingCallback<Value>? {
        waiting.removeValue(forKey: id) as? PendingCallback<Value>
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// Takes all out, to have their ends told and to be released outside of the table.
    mutating func takeAll() -> [any EndableCallback] {
        defer { waiting = [:] }
        return Array(waiting.values)
    }
}

protocol EndableCallback {
    /// Runs in the place of the callback where the loop ends first.
    var ended: () -> Void { get }
}

private struct PendingCallback<Value>: EndableCallback {
    let body: (Value) -> Void
    let ended: () -> Void
}
