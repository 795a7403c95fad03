import Dispatch
import Synchronization

/// Holds threads until a test lets them go.
package final class Gate: Sendable {
    private let isClosed = DispatchGroup()
    private let entered = Mutex(0)
    private let hasOpened = Mutex(false)

    package init() { isClosed.enter() }

    /// Threads that have come to the gate.
    package var entries: Int { entered.withLock { $0 } }

    /// Blocks the calling thread until `open`.
    package func pass() {
        entered.withLock { $0 += 1 }
        isClosed.wait()
    }

    /// Lets everybody through from now on.
    package func open() {
        hasOpened.withLock { hasOpened in
            if !hasOpened { isClosed.leave() }
            hasOpened = true
        }
    }
}
