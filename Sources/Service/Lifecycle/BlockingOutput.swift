import Glibc

/// Output that may block the thread: for the start and for threads that are kept for it.
package enum BlockingOutput {
    /// Writes all of `text`, or as much as the other end takes before it goes.
    package static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // Safe: the buffer is read within its own count.
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
