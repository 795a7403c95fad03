import Glibc
import HTTP
import Reactor

extension FileAnswer {
    /// The file could not be opened. What is not the client's doing is logged.
    func fail(_ error: FileError) {
        switch Self.answer(to: error) {
        case .nothing: exchange.fail(.notFound, "no such file")
        case .forbidden: exchange.fail(.forbidden, "the file may not be read")
        case .later:
            exchange.connection?.server.fileFailed(error)
            exchange.commonFields.append(.retryAfter, "1")
            exchange.fail(.serviceUnavailable, "too many files are open")
        case .broken:
            exchange.connection?.server.fileFailed(error)
            exchange.fail(.internalServerError, "the file cannot be read")
        }
    }

    enum Answer { case nothing, forbidden, later, broken }

    static func answer(to error: FileError) -> Answer {
        switch error.cause {
        case .overloaded, .shutDown: .later
        case .notRegular, .invalidPath: .nothing
        case .tooLarge, .closed: .broken
        case .system(let system):
            switch system.code {
            // Nothing there; or a link that leads out (EXDEV) or in circles; or a socket (ENXIO).
            case ENOENT, ENOTDIR, EXDEV, ELOOP, ENAMETOOLONG, ENXIO, EINVAL: .nothing
            // EPERM is what sandboxes say that know no openat2: somebody must hear of that.
            case EACCES: .forbidden
            case EMFILE, ENFILE, ENOMEM, EAGAIN: .later
            default: .broken
            }
        }
    }
}
