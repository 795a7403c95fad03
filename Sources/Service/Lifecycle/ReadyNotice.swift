import Glibc
package import Reactor

/// What `--ready-fd` asks for: the word to whoever started the program that clients are served, and where.
///
/// A log line would not do: its form and whether it is written at all are for the operator to choose.
package enum ReadyNotice {
    /// Takes the descriptor that `text` names for the program alone; nil where it is none, or a standard one. Call it
    /// before anything else is opened: later the number could be of something else.
    package static func claimDescriptor(_ text: String) -> Int32? {
        guard let descriptor = Int32(text), descriptor > 2, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            return nil
        }
        return descriptor
    }

    /// Writes on a thread of `blocking`, for the pipe may be full, and closes the descriptor.
    package static func send(
        _ plan: ListenPlan, to descriptor: Int32, _ blocking: BlockingPool
    ) throws(BlockingPoolError) {
        let text = plan.listenings.map { "\($0.service) \($0.url)\n" }.joined()
        try blocking.submit { turn in
            if turn == .run { BlockingOutput.write(text, to: descriptor) }
            close(descriptor)
        }
    }
}
