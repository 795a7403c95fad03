import Bytes
import CLinux
import Glibc

/// A flag that any thread raises and one waits for, also together with other descriptors.
final class WakeSignal: Sendable {
    /// An eventfd: readable while the flag is raised.
    let descriptor: Int32

    init() throws(LogSinkError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC))
        if descriptor < 0 { throw .wakeSignal(errno) }
    }

    deinit { close(descriptor) }

    /// Raises the flag; never blocks, for the counter behind it would have to be raised 2⁶⁴ times.
    func signal() { eventfd_write(descriptor, 1) }

    /// Blocks until the flag is raised, and lowers it.
    func wait() {
        var count: eventfd_t = 0
        while eventfd_read(descriptor, &count) < 0, errno == EINTR {}
    }

    /// Blocks until the flag is raised or `bound` has passed, and leaves it as it is; false where it was not raised.
    func wait(within bound: Duration) -> Bool {
        let deadline = ContinuousClock.now + bound
        while true {
            let left = deadline - .now
            // Rounded up, so that the last wait does not spin.
            let milliseconds = left > .zero ? Int32(clamping: left.nanoseconds / 1_000_000 + 1) : 0
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&event, 1, milliseconds) > 0 { return true }
            if left <= .zero { return false }
        }
    }
}
