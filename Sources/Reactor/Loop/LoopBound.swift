/// What belongs to one loop, where other threads may carry it but not look at it.
package struct LoopBound<Value>: @unchecked Sendable {
    // Safe: the value is reached on its loop alone, which is checked.
    private let value: Value
    private let handle: LoopHandle

    /// Call it on the loop.
    package init(_ value: Value, of loop: EventLoop) {
        self.value = value
        handle = loop.handle
    }

    /// The value, to whoever is on its loop.
    package var here: Value {
        precondition(handle.isCurrent, "not on the thread of this loop")
        return value
    }

    package var isHere: Bool { handle.isCurrent }

    /// Has its loop do something with it; false where the loop's mailbox is full or the loop is gone.
    @discardableResult
    package func submit(_ work: @escaping @Sendable (Value) -> Void) -> Bool {
        handle.submit { _ in work(value) }
    }
}
