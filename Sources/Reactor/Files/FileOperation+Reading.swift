package import Bytes
import Glibc

/// A regular file open for reading; what is read and what `status` says belong together, whatever the path leads to by
/// now. Closed with its last reference.
package final class ReadableFile: Sendable {
    package let path: String
    /// As it was when the file was opened.
    package let status: FileStatus
    fileprivate let descriptor: OwnedDescriptor

    /// How files are opened. O_NONBLOCK: the open of a pipe without a writer would never return.
    static var flags: CInt { O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK }

    fileprivate convenience init(_ path: String) throws(FileError) {
        let descriptor = OwnedDescriptor(Glibc.open(path, Self.flags))
        guard descriptor.raw >= 0 else { throw .last("open", path) }
        let status = try FileStatus(of: descriptor, at: path)
        guard status.kind == .regular else { throw FileError(path: path, cause: .notRegular) }
        self.init(path, descriptor, status)
    }

    /// Takes over the descriptor of a regular file.
    init(_ path: String, _ descriptor: consuming OwnedDescriptor, _ status: FileStatus) {
        self.path = path
        self.descriptor = descriptor
        self.status = status
    }

    /// Adds up to `count` bytes from `offset`; how many there were.
    fileprivate func read(into writer: inout ByteWriter, from offset: UInt64, count: Int) throws(FileError) -> Int {
        var got = 0
        while got < count {
            let before = writer.count
            try writer.append(room: count - got) { spare throws(FileError) in
                // What the system cannot express is beyond the end of any file.
                let (position, isBeyond) = offset.addingReportingOverflow(UInt64(got))
                guard !isBeyond, let position = off_t(exactly: position) else { return 0 }
                // Safe: the spare memory holds at least what is asked for.
                var result = pread(descriptor.raw, spare.baseAddress, count - got, position)
                while result < 0, errno == EINTR {
                    result = pread(descriptor.raw, spare.baseAddress, count - got, position)
                }
                guard result >= 0 else { throw FileError.last("pread", path) }
                return result
            }
            let added = writer.count - before
            if added == 0 { break }
            got += added
        }
        return got
    }
}

extension FileOperation where Value == ReadableFile {
    /// Opens a regular file.
    package static func open(_ path: String) -> FileOperation {
        FileOperation(path) { () throws(FileError) in try ReadableFile(path) }
    }
}

extension FileOperation where Value == SharedBytes {
    /// What shared bytes can hold, with the one byte more that shows an end.
    private static var largest: Int { Int(UInt32.max) - 1 }

    /// The whole of a file, which may have `maximum` bytes. A file that grows meanwhile is read to its new end.
    package static func contents(of path: String, maximum: Int) -> FileOperation<SharedBytes> {
        FileOperation(path) { () throws(FileError) in
            let file = try ReadableFile(path)
            let maximum = min(max(maximum, 0), largest)
            let tooLarge = FileError(path: path, cause: .tooLarge(maximum: maximum))
            guard file.status.size <= maximum else { throw tooLarge }
            // One byte more shows the end in the same call. Files of /proc say 0 and have more.
            var step = min(max(Int(file.status.size), 4_095), maximum) + 1
            var writer = ByteWriter(capacity: step)
            while try file.read(into: &writer, from: UInt64(writer.count), count: step) == step {
                guard writer.count <= maximum else { throw tooLarge }
                step = min(writer.count, maximum + 1 - writer.count)
            }
            guard writer.count <= maximum else { throw tooLarge }
            return writer.finish()
        }
    }

    /// Up to `count` bytes from `offset`: fewer where the file ends before, none beyond the end it had when opened.
    package static func read(_ file: ReadableFile, from offset: UInt64 = 0, count: Int) -> FileOperation<SharedBytes> {
        FileOperation(file.path) { () throws(FileError) in
            let size = min(count, Int(clamping: file.status.size - min(offset, file.status.size)), largest)
            var writer = ByteWriter(capacity: size)
            _ = try file.read(into: &writer, from: offset, count: size)
            return writer.finish()
        }
    }

    /// The same of a file that is opened for it alone.
    package static func contents(of path: String, from offset: UInt64, count: Int) -> FileOperation<SharedBytes> {
        FileOperation(path) { () throws(FileError) in
            try read(try ReadableFile(path), from: offset, count: count).perform().get()
        }
    }
}

extension FileOperation where Value == FileStatus {
    /// What is at `path`, symbolic links followed.
    package static func status(of path: String) -> FileOperation {
        FileOperation(path) { () throws(FileError) in
            var system = stat()
            guard stat(path, &system) == 0 else { throw .last("stat", path) }
            return FileStatus(system: system)
        }
    }
}

extension FileOperation where Value == [String] {
    /// The names in a directory, sorted, without `.` and `..`; it may have `maximum` of them.
    package static func names(in path: String, maximum: Int) -> FileOperation {
        FileOperation(path) { () throws(FileError) in
            guard let directory = opendir(path) else { throw .last("opendir", path) }
            defer { closedir(directory) }
            var names: [String] = []
            while true {
                errno = 0
                guard let entry = readdir(directory) else { break }
                // Safe: the entry is the system's until the next call, and its name ends with a zero byte.
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name == "." || name == ".." { continue }
                guard names.count < maximum else { throw FileError(path: path, cause: .tooLarge(maximum: maximum)) }
                names.append(name)
            }
            guard errno == 0 else { throw .last("readdir", path) }
            return names.sorted()
        }
    }
}
