import Glibc

/// What the system says of a file.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case regular, directory, other
    }

    package let kind: Kind
    /// Bytes; means nothing for a directory.
    package let size: UInt64
    /// When the content was last written: seconds since 1970 and nanoseconds.
    package let modified: Time
    /// With `inode` it tells one file from another.
    package let device: UInt64
    package let inode: UInt64
    /// The permission bits: 0o644.
    package let permissions: UInt32

    package struct Time: Hashable, Comparable, Sendable {
        package let seconds: Int64
        package let nanoseconds: Int32

        package init(seconds: Int64, nanoseconds: Int32) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }

        package static func < (left: Time, right: Time) -> Bool {
            (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
        }
    }
}

extension FileStatus {
    /// What is open as `descriptor`, and was found at `path`.
    init(of descriptor: borrowing OwnedDescriptor, at path: String) throws(FileError) {
        var system = stat()
        guard fstat(descriptor.raw, &system) == 0 else { throw .last("fstat", path) }
        self.init(system: system)
    }

    init(system: stat) {
        switch system.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .directory
        default: kind = .other
        }
        size = UInt64(clamping: system.st_size)
        let time = system.st_mtim
        modified = Time(seconds: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec))
        device = UInt64(system.st_dev)
        inode = UInt64(system.st_ino)
        permissions = system.st_mode & 0o7777
    }
}
