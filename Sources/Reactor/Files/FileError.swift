/// What went wrong with a file, and which file.
package struct FileError: Error, Hashable, Sendable {
    package enum Cause: Hashable, Sendable {
        case system(SystemError)
        /// More than the caller allowed: bytes of a file, names of a directory.
        case tooLarge(maximum: Int)
        /// A directory, a device, a pipe: no regular file.
        case notRegular
        /// The path holds a zero byte.
        case invalidPath
        /// As much as may wait is waiting: on the pool's threads, or to be appended.
        case overloaded
        /// The file has been closed.
        case closed
        /// The pool or the caller's loop has ended.
        case shutDown
    }

    package let path: String
    package let cause: Cause

    package init(path: String, cause: Cause) {
        self.path = path
        self.cause = cause
    }

    init(path: String, _ error: BlockingPoolError) {
        self.init(path: path, cause: error == .full ? .overloaded : .shutDown)
    }

    /// The failure that errno tells of now.
    static func last(_ call: StaticName, _ path: String) -> FileError {
        FileError(path: path, cause: .system(.last(call)))
    }

    /// Whether there is no such file.
    package var isNotFound: Bool {
        guard case .system(let error) = cause else { return false }
        return error.isNotFound
    }
}

extension FileError: CustomStringConvertible {
    package var description: String {
        switch cause {
        case .system(let error): "\(path): \(error)"
        case .tooLarge(let maximum): "\(path): more than \(maximum)"
        case .notRegular: "\(path): not a regular file"
        case .invalidPath: "\(path.debugDescription): a zero byte in the path"
        case .overloaded: "\(path): too much is waiting"
        case .closed: "\(path): closed"
        case .shutDown: "\(path): shut down"
        }
    }
}
