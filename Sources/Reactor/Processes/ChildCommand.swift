/// Which program to start, and with what.
package struct ChildCommand: Sendable {
    package enum Environment: Sendable {
        /// That of this program.
        case inherited
        /// That of this program with these variables set.
        case inheritedAnd([String: String])
        /// These variables and no others.
        case exactly([String: String])
    }

    package enum Stream: Sendable {
        case null
        /// The one of this program.
        case inherited
        /// Connected to the handler.
        case pipe
    }

    package struct Limits: Sendable {
        /// Unsent input at which the handler is told to stop writing.
        package var highWatermark = 256 * 1024
        /// Unsent input at which it is told to go on.
        package var lowWatermark = 64 * 1024
        /// Unsent input that is never passed: `write` refuses.
        package var maximumInput = 4 * 1024 * 1024
        /// Output read before others on the loop get their turn.
        package var bytesPerTurn = 1024 * 1024
        /// How long output is waited for after the program has ended, where something it started still holds the pipes.
        package var drain: Duration = .seconds(1)

        package init() {}
    }

    /// A path; with `searchesPath` and no slash in it, a name to be found through PATH. A relative path counts from
    /// `workingDirectory`.
    package var program: String
    package var searchesPath = false
    /// Without the program's own name in front.
    package var arguments: [String]
    package var environment = Environment.inherited
    /// Nil for that of this program.
    package var workingDirectory: String?
    /// The program leads a process group of its own: signals reach what it starts as well, those typed at the terminal
    /// of this program do not reach it, and what is left of the group when the program has ended is killed.
    package var hasOwnGroup = true
    package var standardInput = Stream.null
    package var standardOutput = Stream.null
    package var standardError = Stream.null
    package var limits = Limits()

    package init(_ program: String, _ arguments: [String] = [], searchesPath: Bool = false) {
        self.program = program
        self.arguments = arguments
        self.searchesPath = searchesPath
    }
}

/// How a child process ended.
package enum ChildExit: Hashable, Sendable {
    /// It exited with this code, 0 to 255.
    case code(CInt)
    case signal(Signal)
    /// Somebody else in this program has waited for it and has its status.
    case unknown

    package var isSuccess: Bool { self == .code(0) }
}

/// Why a child process has no exit of its own to tell.
package enum ProcessError: Error, Equatable, Sendable {
    /// A zero byte in a text, or `=` in the name of a variable.
    case invalidCommand
    /// The system did not start the program: ENOENT from `posix_spawn` where it, its interpreter or the working
    /// directory is not there.
    case notStarted(program: String, SystemError)
    /// No thread could take the start.
    case overloaded
    /// The pool or the loop has ended.
    case shutDown
    /// `ChildProcess.run`: more output than allowed, in bytes.
    case outputTooLarge(maximum: Int)
    /// `ChildProcess.run`: it took too long and was ended.
    case timeout
    /// `ChildProcess.run`: the task was cancelled and the program ended.
    case cancelled
}
