/// Something to be done with one file; it blocks, so `FileIO` does it.
///
/// The operations that there are: `status`, `contents`, `names`, `open`, `find`, `read`, `replace`,
/// `openForAppending`; and those that are made of them.
package struct FileOperation<Value: Sendable>: Sendable {
    package let path: String
    private let body: @Sendable () throws(FileError) -> Value

    /// One made of others, each done by `now` inside `body`: together they take one turn on the pool. Errors tell
    /// `path`.
    package init(_ path: String, _ body: @escaping @Sendable () throws(FileError) -> Value) {
        self.path = path
        self.body = body
    }

    /// Does it on this thread, which must be one that may block: of a pool, or the main one at the start.
    package func now() throws(FileError) -> Value { try perform().get() }

    /// Does it on this thread.
    @Sendable func perform() -> Result<Value, FileError> {
        // The system's calls would stop reading at the zero byte, and so take another file.
        guard !path.utf8.contains(0) else { return .failure(FileError(path: path, cause: .invalidPath)) }
        do throws(FileError) {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }
}

/// Files, off the loops: each operation runs on a thread of the pool.
package struct FileIO: Sendable {
    package let pool: BlockingPool

    package init(pool: BlockingPool) { self.pool = pool }

    /// Does `operation` and resumes the caller where it was; see `BlockingPool.run`.
    package func run<Value>(_ operation: FileOperation<Value>) async throws(FileError) -> Value {
        let result: Result<Value, FileError>
        do throws(BlockingPoolError) {
            result = try await pool.run(operation.perform)
        } catch {
            throw FileError(path: operation.path, error)
        }
        return try result.get()
    }

    /// Does `operation` and calls `then` on `loop`: once, and never inside this call.
    package func run<Value>(
        _ operation: FileOperation<Value>, on loop: EventLoop, then: @escaping (Result<Value, FileError>) -> Void
    ) {
        pool.run(on: loop, operation.perform) { result in
            switch result {
            case .success(let outcome): then(outcome)
            case .failure(let error): then(.failure(FileError(path: operation.path, error)))
            }
        }
    }
}
