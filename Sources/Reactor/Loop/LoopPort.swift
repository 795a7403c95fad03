/// The address of a closure that stays on its loop: any thread may hold it, and each value sent to it runs the closure
/// there, in the order of one sender.
///
/// What is sent goes through the loop's mailbox, and is refused where that is full.
package struct LoopPort<Value: Sendable>: Sendable {
    package let handle: LoopHandle
    fileprivate let id: UInt64

    /// False where the mailbox is full or the loop has ended. Values for a closed port are dropped.
    @discardableResult
    package func send(_ value: Value) -> Bool {
        let port = self
        return handle.submit { loop in loop.deliver(value, to: port) }
    }

    /// As `send`, past the bound of the mailbox: for what the loop's own code has asked for, and so bounds.
    @discardableResult
    package func answer(_ value: Value) -> Bool {
        let port = self
        return handle.deliver { loop in loop.deliver(value, to: port) }
    }
}

extension EventLoop {
    /// An address for `body`, which the loop keeps until `close`, or until it ends.
    package func port<Value: Sendable>(_ body: @escaping (Value) -> Void) -> LoopPort<Value> {
        LoopPort(handle: handle, id: ports.add(OpenPort(body: body)))
    }

    /// Sends `value`; to a port of this loop at once, without the mailbox. False where it is refused.
    @discardableResult
    package func send<Value>(_ value: Value, to port: LoopPort<Value>) -> Bool {
        guard port.handle === handle else { return port.send(value) }
        deliver(value, to: port)
        return true
    }

    /// As `send`, past the bound of the mailbox: see `LoopPort.answer`.
    package func answer<Value>(_ value: Value, to port: LoopPort<Value>) {
        if port.handle === handle { deliver(value, to: port) } else { port.answer(value) }
    }

    fileprivate func deliver<Value>(_ value: Value, to port: LoopPort<Value>) {
        (ports.open[port.id] as? OpenPort<Value>)?.body(value)
    }

    /// Lets go of the closure.
    package func close<Value>(_ port: LoopPort<Value>) {
        let closed = ports.open.removeValue(forKey: port.id)
        // Released here, where the table is free again for who ends with it.
        withExtendedLifetime(closed) {}
    }
}

/// The closures of one loop that may be called any number of times.
struct PortTable {
    fileprivate(set) var open: [UInt64: Any] = [:]
    private var nextID: UInt64 = 0

    fileprivate mutating func add(_ port: Any) -> UInt64 {
        nextID += 1
        open[nextID] = port
        return nextID
    }

    /// Takes all out, to be released outside of the table.
    mutating func takeAll() -> [Any] {
        defer { open = [:] }
        return Array(open.values)
    }
}

private struct OpenPort<Value> {
    let body: (Value) -> Void
}
