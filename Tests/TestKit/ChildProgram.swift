import CLinux
package import Glibc

/// A program that a test has started, with files of the test's as its standard streams and no other one.
///
/// Not Foundation's `Process`: where a test has more than some 1,300 files open, that reads past the end of a buffer in
/// which it looks for them.
package struct ChildProgram: Sendable {
    package struct NotStarted: Error {
        package let path: String
        package let code: CInt
    }

    package enum End: Sendable, Equatable {
        case status(CInt)
        case signal(CInt)
    }

    package let pid: pid_t

    /// Starts the program at `path`, in a process group of its own; `environment` is the test's where none is given.
    package init(
        _ path: String, _ arguments: [String], environment: [String: String]? = nil, directory: String? = nil,
        input: CInt, output: CInt, errors: CInt = STDERR_FILENO
    ) throws(NotStarted) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (file, standard) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)] {
            posix_spawn_file_actions_adddup2(&actions, file, standard)
        }
        clinux_spawn_close_from(&actions, STDERR_FILENO + 1)
        if let directory { clinux_spawn_change_directory(&actions, directory) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { $0.map { strdup("\($0.key)=\($0.value)") } + [nil] }
        defer { for text in words + (variables ?? []) { free(text) } }
        var pid: pid_t = 0
        let code =
            variables != nil
            ? posix_spawn(&pid, path, &actions, &attributes, &words, &variables!)
            : posix_spawn(&pid, path, &actions, &attributes, &words, environ)
        guard code == 0 else { throw NotStarted(path: path, code: code) }
        self.pid = pid
    }

    /// Waits for its end, and leaves it to `wait` to take it out of the system's table: until then its number is its
    /// own.
    package func waitUntilEnded() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    /// Waits for its end; once.
    @discardableResult
    package func wait() -> End {
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }
}
