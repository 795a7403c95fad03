import Glibc
import Synchronization

/// A server of Redis on a free port of 127.0.0.1, without persistence, in a folder of its own; killed when the last
/// reference goes.
///
/// Starting one blocks until it answers.
package final class RedisServer: Sendable {
    package enum Failure: Error {
        /// It ended, or did not answer in 20 s; this is what it wrote.
        case silent(log: String)
    }

    /// The same after `restart`. Where the server is secure it is the port for TLS.
    package var port: UInt16 { reserved.port }
    /// Where it runs: files that its configuration names without a folder are here.
    package let directory: TemporaryDirectory

    private let reserved: TakenPort
    private let program: String
    private let arguments: [String]
    private let configuration: String
    private let child: Mutex<ChildProgram?>

    /// `lines` are added to its configuration. A secure one speaks TLS alone, and `lines` name its certificate; `files`
    /// are written before it starts. `arguments` follow the name of the configuration: `--sentinel`.
    package init(
        _ lines: [String] = [], files: [String: String] = [:], isSecure: Bool = false, arguments: [String] = [],
        program: String = "/usr/bin/redis-server"
    ) throws {
        directory = try TemporaryDirectory()
        reserved = try TakenPort(.reserved)
        let port = reserved.port
        self.program = program
        self.arguments = arguments
        for (name, text) in files { try directory.write(text, to: name) }
        let ports = isSecure ? ["port 0", "tls-port \(port)", "tls-auth-clients no"] : ["port \(port)"]
        let own = ["bind 127.0.0.1", "dir \(directory.path)", "logfile log"]
        let volatile = arguments.isEmpty ? ["save \"\"", "appendonly no"] : []
        configuration = (ports + own + volatile + lines).joined(separator: "\n") + "\n"
        child = Mutex(nil)
        try directory.write(configuration, to: "redis.conf")
        try start()
    }

    deinit {
        kill()
        reserved.close()
    }

    // MARK: - Its life

    /// Starts it again on its port, with the configuration that it has left: empty, unless it was told to save.
    package func restart() throws {
        kill()
        try start()
    }

    /// Ends it without a word, and waits for its end.
    package func kill() {
        guard let child = child.withLock({ $0.take() }) else { return }
        Glibc.kill(child.pid, SIGKILL)
        child.wait()
    }

    /// Stops it: its connections stay, and nothing is answered.
    package func freeze() { signal(SIGSTOP) }

    /// Lets it go on.
    package func thaw() { signal(SIGCONT) }

    private func signal(_ number: CInt) { child.withLock { if let child = $0 { Glibc.kill(child.pid, number) } } }

    private func start() throws {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        let started = try ChildProgram(
            program, ["\(directory.path)/redis.conf"] + arguments, directory: directory.path, input: null, output: null,
            errors: null)
        child.withLock { $0 = started }
        for _ in 0..<2_000 {
            if answers { return }
            // Nothing tells when it listens.
            poll(nil, 0, 10)
        }
        kill()
        throw Failure.silent(log: log)
    }

    /// Whether somebody speaks at its port; with TLS, whether somebody listens.
    private var answers: Bool {
        guard let socket = try? LoopbackSocket(port: port) else { return false }
        if configuration.hasPrefix("port 0") { return true }
        guard (try? socket.send(Array("PING\r\n".utf8))) != nil, let answer = try? socket.receive() else {
            return false
        }
        // A password that is missing is an answer as well; data that is still being read is none.
        return !answer.starts(with: Array("-LOADING".utf8))
    }

    /// What it has written of itself, of which there may be nothing.
    package var log: String {
        guard let file = fopen("\(directory.path)/log", "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 * 1_024)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    // MARK: - What it holds

    /// What it answers to one line, as it comes over the wire: `+OK`, `$5`, `:1`, and what follows. For short answers.
    package func ask(_ line: String, password: String? = nil) throws -> String {
        let socket = try LoopbackSocket(port: port)
        if let password {
            try socket.send(Array("AUTH \(password)\r\n".utf8))
            _ = try socket.receive()
        }
        try socket.send(Array("\(line)\r\n".utf8))
        return String(decoding: try socket.receive(), as: UTF8.self)
    }
}
