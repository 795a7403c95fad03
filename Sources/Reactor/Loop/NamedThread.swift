import CLinux
import Glibc

/// A thread of ours: it has a name, and writing to a pipe that nobody reads is an error on it, not a signal.
struct NamedThread: Sendable {
    private let id: pthread_t

    /// What the new thread does: the form that pthread_create wants.
    private static let runStart: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        // Safe: the context is the one retained `Start` that this thread was given.
        let start = Unmanaged<Start>.fromOpaque(context!).takeRetainedValue()
        clinux_name_thread(start.name)
        blockBrokenPipe()
        start.body()
        return nil
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts `body` on a new thread, which is then to be joined or detached. Of `name` the first 15 bytes are shown.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) -> NamedThread {
        var id = pthread_t()
        // Safe: the thread takes over this reference and releases it when it ends.
        let context = Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body)).toOpaque()
        let code = pthread_create(&id, nil, runStart, context)
        guard code == 0 else {
            Unmanaged<Start>.fromOpaque(context).release()
            throw SystemError("pthread_create", code)
        }
        return NamedThread(id: id)
    }

    /// Waits for its end.
    func join() { pthread_join(id, nil) }

    /// Lets it end by itself.
    func detach() { pthread_detach(id) }

    /// `write` has no MSG_NOSIGNAL: a blocked SIGPIPE leaves the plain EPIPE, whatever the program does with the
    /// signal.
    private static func blockBrokenPipe() {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }
}
