// A build without tests has no Testing, and builds this target all the same.
#if canImport(Testing)
import Dispatch
package import Testing

/// Runs each test of a suite on a thread of its own: tests here wait in blocking calls, and would otherwise hold the
/// few threads that everybody's `await` goes on with.
package struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    @concurrent
    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        // A suite has nothing to run itself.
        guard testCase != nil else { return try await function() }
        try await withTaskExecutorPreference(ThreadExecutor()) { try await function() }
    }
}

extension Trait where Self == OwnThread {
    package static var ownThread: OwnThread { OwnThread() }
}

/// A serial queue: unlike a concurrent one it gets a thread however many others are blocked, up to 255 of them. Only
/// the tests that run at once have one.
private final class ThreadExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
#endif
