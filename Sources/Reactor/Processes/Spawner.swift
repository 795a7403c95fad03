import CLinux
import Glibc

/// Starts programs. It reads from the disk and waits for the new process to get to its program, so it is called on a
/// thread of a pool; the child does not inherit the core that a loop is bound to either.
enum Spawner {
    static func spawn(_ command: ChildCommand) -> Result<SpawnedChild, ProcessError> {
        do throws(ProcessError) {
            try command.check()
            do throws(SystemError) {
                return .success(try start(command))
            } catch {
                throw .notStarted(program: command.program, error)
            }
        } catch {
            return .failure(error)
        }
    }

    private static func start(_ command: ChildCommand) throws(SystemError) -> SpawnedChild {
        let input = try ChildPipe(for: command.standardInput, childReads: true)
        let output = try ChildPipe(for: command.standardOutput, childReads: false)
        let error = try ChildPipe(for: command.standardError, childReads: false)

        var actions = posix_spawn_file_actions_t()
        try check(posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init")
        defer { posix_spawn_file_actions_destroy(&actions) }
        try direct(command.standardInput, input, to: STDIN_FILENO, &actions)
        try direct(command.standardOutput, output, to: STDOUT_FILENO, &actions)
        try direct(command.standardError, error, to: STDERR_FILENO, &actions)
        // Everything of ours is CLOEXEC; what libraries and parents have left open is not.
        try check(clinux_spawn_close_from(&actions, 3), "posix_spawn_file_actions_addclosefrom_np")
        if let directory = command.workingDirectory {
            let code = clinux_spawn_change_directory(&actions, directory)
            try check(code, "posix_spawn_file_actions_addchdir_np")
        }

        keepChildStatus()
        let pid = try spawn(command, &actions)
        let pidfd = clinux_pidfd_open(pid)
        guard pidfd >= 0 else {
            let failure = SystemError.last("pidfd_open")
            kill(command.hasOwnGroup ? -pid : pid, SIGKILL)
            while waitpid(pid, nil, 0) < 0, errno == EINTR {}
            throw failure
        }
        return SpawnedChild(
            pid: pid, pidfd: pidfd, hasOwnGroup: command.hasOwnGroup, input: input.takeOurs(),
            output: output.takeOurs(), error: error.takeOurs())
    }

    private static func direct(
        _ stream: ChildCommand.Stream, _ pipe: borrowing ChildPipe, to target: CInt,
        _ actions: inout posix_spawn_file_actions_t
    ) throws(SystemError) {
        switch stream {
        case .inherited: break
        case .null:
            let code = posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            try check(code, "posix_spawn_file_actions_addopen")
        case .pipe:
            let code = posix_spawn_file_actions_adddup2(&actions, pipe.theirDescriptor, target)
            try check(code, "posix_spawn_file_actions_adddup2")
        }
    }

    private static func spawn(
        _ command: ChildCommand, _ actions: inout posix_spawn_file_actions_t
    ) throws(SystemError) -> pid_t {
        var attributes = posix_spawnattr_t()
        try check(posix_spawnattr_init(&attributes), "posix_spawnattr_init")
        defer { posix_spawnattr_destroy(&attributes) }
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        if command.hasOwnGroup { flags |= POSIX_SPAWN_SETPGROUP }
        // A child that inherited blocked or ignored signals could not be ended in good order.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        try check(posix_spawnattr_setflags(&attributes, Int16(flags)), "posix_spawnattr_setflags")

        let arguments = CStringArray([command.program] + command.arguments)
        let environment = CStringArray(command.environmentTexts)
        defer {
            extendLifetime(arguments)
            extendLifetime(environment)
        }
        var pid: pid_t = 0
        // Safe: both arrays live until the end of this function, and the child has its copies when the call returns.
        let call = command.searchesPath ? posix_spawnp : posix_spawn
        let code = call(&pid, command.program, &actions, &attributes, arguments.pointers, environment.pointers)
        try check(code, "posix_spawn")
        return pid
    }

    /// Where a parent has left SIGCHLD ignored, the kernel reaps children by itself: their status is lost, and their
    /// number may belong to another process by the time it is signalled.
    private static func keepChildStatus() {
        var action = sigaction()
        guard sigaction(SIGCHLD, nil, &action) == 0 else { return }
        // Safe: both are the same word; it is compared, never called.
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        let isIgnored = handler == unsafeBitCast(SIG_IGN, to: Int.self)
        if isIgnored || action.sa_flags & SA_NOCLDWAIT != 0 { signal(SIGCHLD, SIG_DFL) }
    }

    /// These calls return the error instead of setting errno.
    private static func check(_ code: CInt, _ call: StaticName) throws(SystemError) {
        guard code == 0 else { throw SystemError(call, code) }
    }
}
