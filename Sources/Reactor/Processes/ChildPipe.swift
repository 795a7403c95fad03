import CLinux
import Glibc

/// The two ends of a pipe for a standard stream of a child; both nil where the stream is no pipe.
struct ChildPipe: ~Copyable {
    /// Non-blocking.
    private var ours: OwnedDescriptor?
    private var theirs: OwnedDescriptor?

    /// -1 where the stream is no pipe.
    let theirDescriptor: CInt

    init(for stream: ChildCommand.Stream, childReads: Bool) throws(SystemError) {
        guard stream == .pipe else {
            theirDescriptor = -1
            return
        }
        var ends: [CInt] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw .last("pipe2") }
        let first = OwnedDescriptor(ends[0])
        let second = OwnedDescriptor(ends[1])
        // Where this program has closed its own standard streams, their numbers come up here, and putting one stream
        // in its place in the child would destroy the next.
        let reading = try Self.raised(first)
        let writing = try Self.raised(second)
        guard fcntl(childReads ? writing.raw : reading.raw, F_SETFL, O_NONBLOCK) == 0 else { throw .last("fcntl") }
        if childReads {
            theirDescriptor = reading.raw
            ours = consume writing
            theirs = consume reading
        } else {
            theirDescriptor = writing.raw
            ours = consume reading
            theirs = consume writing
        }
    }

    private static func raised(_ descriptor: consuming OwnedDescriptor) throws(SystemError) -> OwnedDescriptor {
        if descriptor.raw > 2 { return descriptor }
        let raised = fcntl(descriptor.raw, F_DUPFD_CLOEXEC, 3)
        guard raised >= 0 else { throw .last("fcntl") }
        return OwnedDescriptor(raised)
    }

    /// Our end, for the loop to own; the child's end is closed here.
    consuming func takeOurs() -> CInt? {
        guard let ours = ours.take() else { return nil }
        return ours.take()
    }
}
