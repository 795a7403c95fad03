import CLinux
import Glibc

/// What a path in a directory leads to.
package enum DirectoryEntry: Sendable {
    case file(ReadableFile)
    case directory
}

extension FileOperation where Value == DirectoryEntry {
    /// Opens what is at `path` below the directory `root`. What is neither a regular file nor a directory is
    /// `.notRegular`.
    ///
    /// The kernel sees to it that no `..` and no symbolic link on the way leads out, also while somebody renames what
    /// is there (openat2(2), Linux 5.6): that is EXDEV. Links that stay inside are followed, and `root` may be one
    /// itself: it is opened anew each time, so that it can be exchanged, or come later.
    package static func find(_ path: String, below root: String) -> FileOperation {
        FileOperation(path) { () throws(FileError) in
            let directory = OwnedDescriptor(Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
            guard directory.raw >= 0 else { throw .last("open", root) }
            let descriptor = OwnedDescriptor(openBeneath(directory.raw, path))
            guard descriptor.raw >= 0 else { throw .last("openat2", path) }
            let status = try FileStatus(of: descriptor, at: path)
            switch status.kind {
            case .regular: return .file(ReadableFile(path, descriptor, status))
            case .directory: return .directory
            case .other: throw FileError(path: path, cause: .notRegular)
            }
        }
    }

    /// The kernel gives up (EAGAIN) where it meets a `..` while anybody renames anything; a few more tries will do.
    private static func openBeneath(_ directory: CInt, _ path: String) -> CInt {
        var descriptor: CInt = -1
        var tries = 0
        repeat {
            descriptor = clinux_open_beneath(directory, path, ReadableFile.flags)
            tries += 1
        } while descriptor < 0 && (errno == EAGAIN || errno == EINTR) && tries < 64
        return descriptor
    }
}
