import Glibc
package import Reactor

/// Files that are read at the start.
package enum ConfigurationFile {
    /// The first `maximum` bytes of the file. It blocks: call it before any loop runs.
    package static func contents(of path: String, atMost maximum: Int) throws(SystemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: maximum)
        var count = 0
        while count < maximum {
            // Safe: `count` is less than the `maximum` bytes of the buffer, and no more than the rest is asked for.
            let taken = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress! + count, maximum - count)
            }
            if taken == 0 { break }
            if taken > 0 {
                count += taken
            } else if errno != EINTR {
                throw .last("read")
            }
        }
        bytes.removeLast(maximum - count)
        return bytes
    }
}
