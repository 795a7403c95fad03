package import Bytes
import Glibc

extension FileOperation where Value == Void {
    /// Puts `bytes` at `path` in one step: whoever opens the path sees the old file or the new one, never a part.
    ///
    /// The bytes are written beside it under a name of their own, then renamed. With `isDurable` they, and then the
    /// name, are on the disk before it says so. A symbolic link at `path` is replaced, not followed.
    package static func replace(
        _ path: String, with bytes: SharedBytes, permissions: UInt32 = 0o644, isDurable: Bool = true
    ) -> FileOperation {
        FileOperation(path) { () throws(FileError) in
            let directory = directory(of: path)
            let temporary = "\(directory)/.sluice-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
            do throws(FileError) {
                try write(bytes, toNew: temporary, permissions: permissions, isDurable: isDurable)
                guard rename(temporary, path) == 0 else { throw .last("rename", path) }
            } catch {
                unlink(temporary)
                throw FileError(path: path, cause: error.cause)
            }
            if isDurable { try synchronize(directory: directory, for: path) }
        }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func write(
        _ bytes: SharedBytes, toNew path: String, permissions: UInt32, isDurable: Bool
    ) throws(FileError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let file = OwnedDescriptor(Glibc.open(path, flags, mode_t(permissions)))
        guard file.raw >= 0 else { throw .last("open", path) }
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.bytes.withUnsafeBytes { Glibc.write(file.raw, $0.baseAddress, $0.count) }
            guard count >= 0 || errno == EINTR else { throw .last("write", path) }
            rest = rest.dropping(first: max(count, 0))
        }
        if isDurable { guard fsync(file.raw) == 0 else { throw .last("fsync", path) } }
        // Some file systems tell of a failed write only here.
        guard close(file.take()) == 0 else { throw .last("close", path) }
    }

    private static func synchronize(directory: String, for path: String) throws(FileError) {
        let descriptor = OwnedDescriptor(Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        guard descriptor.raw >= 0 else { throw .last("open", path) }
        guard fsync(descriptor.raw) == 0 else { throw .last("fsync", path) }
    }
}
