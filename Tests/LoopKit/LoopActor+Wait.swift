package import Reactor

extension LoopActor {
    /// Waits, with a bound, for what only time brings.
    package func wait(for what: String, until isMet: () -> Bool) async throws {
        for _ in 0..<5_000 {
            if isMet() { return }
            await pause(for: .milliseconds(2))
        }
        throw NeverCame(description: what)
    }
}

/// What a test has waited for in vain.
package struct NeverCame: Error {
    package let description: String

    package init(description: String) { self.description = description }
}
