import Glibc

/// Why an output cannot be used, or what it said instead.
struct OutputError: Error, CustomStringConvertible {
    let description: String
}

/// A pipe to log into, which the test reads, or leaves full.
final class OutputPipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw OutputError(description: "no pipe: \(errno)") }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Writes until nothing more fits, and returns how many bytes did; then sets whether writing blocks.
    func fill(blocking: Bool) -> Int {
        let flags = fcntl(writeEnd, F_GETFL)
        _ = fcntl(writeEnd, F_SETFL, flags | O_NONBLOCK)
        var count = 0
        while Glibc.write(writeEnd, [UInt8](repeating: UInt8(ascii: "."), count: 4096), 4096) > 0 { count += 4096 }
        if blocking { _ = fcntl(writeEnd, F_SETFL, flags & ~O_NONBLOCK) }
        return count
    }

    /// Reads until `isComplete` says that this is all, each wait bounded to 20 s.
    func read(until isComplete: (_ text: String) -> Bool) throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isComplete(String(decoding: bytes, as: UTF8.self)) {
            var event = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, 20_000) > 0 else {
                let end = String(decoding: bytes.suffix(200), as: UTF8.self)
                throw OutputError(description: "the log ends with \(end)")
            }
            let count = Glibc.read(readEnd, &buffer, buffer.count)
            guard count > 0 else { throw OutputError(description: "read: \(errno)") }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A file to log into.
final class OutputFile: Sendable {
    let descriptor: Int32

    init() throws {
        var path = Array("/tmp/sluice-log-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw OutputError(description: "no file: \(errno)") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(path)
    }

    deinit { close(descriptor) }

    var lines: [String] {
        var status = stat()
        fstat(descriptor, &status)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// A terminal that a program could have as its stderr.
final class Terminal: Sendable {
    let descriptor: Int32

    init() throws {
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard descriptor >= 0 else { throw OutputError(description: "no terminal: \(errno)") }
    }

    deinit { close(descriptor) }
}
