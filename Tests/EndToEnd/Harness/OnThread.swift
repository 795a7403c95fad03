import Dispatch
import Foundation
import TestKit

/// Runs blocking work on a thread of its own: the few threads of tasks are for other tests.
func onThread<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
    // A task, and no bare thread, so that what fails in it is told as a failure of its test.
    try await Task(executorPreference: ThreadPerJob()) { try work() }.value
}

private final class ThreadPerJob: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Waits for a state that nothing announces, such as what /proc shows.
func eventually(
    _ what: String, within bound: Duration = .seconds(20), _ isMet: @escaping @Sendable () -> Bool
) async throws {
    let met = try await onThread { eventually(within: bound, isMet) }
    if !met { throw WaitExpired(description: "no \(what) within \(bound)") }
}

/// The same on a thread of one's own, which it holds meanwhile.
func eventually(within bound: Duration = .seconds(20), _ isMet: () -> Bool) -> Bool {
    let never = DispatchSemaphore(value: 0)
    let deadline = ContinuousClock.now + bound
    while !isMet() {
        guard ContinuousClock.now < deadline else { return false }
        _ = never.wait(timeout: .now() + .milliseconds(1))
    }
    return true
}

/// Requests as a well-behaved client writes them.
enum Request {
    static func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: proxy.test\r\n\r\n" }
}
