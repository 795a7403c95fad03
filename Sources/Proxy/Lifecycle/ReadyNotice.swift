import Glibc
import Reactor

/// What `--ready-fd` asks for: the word to whoever started the program that clients are served, and where.
///
/// A log line would not do: its form and whether it is written at all are for the operator to choose.
enum ReadyNotice {
    /// Writes on a thread of `blocking`, for the pipe may be full, and closes the descriptor.
    static func send(_ plan: ListenPlan, to descriptor: Int32, _ blocking: BlockingPool) throws(BlockingPoolError) {
        let text = plan.listenings.map { "\($0.service.rawValue) \($0.url)\n" }.joined()
        try blocking.submit { turn in
            if turn == .run { BlockingOutput.write(text, to: descriptor) }
            close(descriptor)
        }
    }
}
