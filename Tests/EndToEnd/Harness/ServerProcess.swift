import Foundation
import TestKit

/// A real program of ours, in a working directory of its own and on ports that the system chooses.
protocol ServerProcess: AnyObject, Sendable {
    var program: RunningProgram { get }
    var directory: TemporaryDirectory { get }
    var metricsURL: String { get }
}

/// Where a server says that it listens.
struct ServerListener: Sendable {
    let service: String
    /// The variable or directive that says so.
    let setting: String
    let address: String
    let url: String

    var port: UInt16 { UInt16(address.split(separator: ":").last!)! }
}

enum SluicePrograms {
    /// The program that is tested.
    static func path(of name: String) throws -> String {
        guard let folder = ProcessInfo.processInfo.environment["SLUICE_PROGRAMS"] else {
            throw WaitExpired(
                description: "SLUICE_PROGRAMS names no folder of programs; ./dev test builds them and sets it")
        }
        return "\(folder)/\(name)"
    }
}

extension ServerProcess {
    // MARK: - The log

    /// What it has logged so far.
    var log: [LogLine] { program.errors.events.compactMap { LogLine($0) } }

    /// Waits for a line with this message.
    @discardableResult
    func waitForLog(
        _ message: String, count: Int = 1, within bound: Duration = .seconds(20)
    ) async throws -> LogLine {
        let lines = try await program.errors.wait(for: "\"\(message)\" in the log", within: bound) { lines in
            lines.count { $0.contains("\"\(message)\"") } >= count
        }
        return lines.compactMap { LogLine($0) }.filter { $0.message == message }[count - 1]
    }

    /// In its own order.
    var listeners: [ServerListener] {
        log.filter { $0.message == "listening" }.map {
            ServerListener(
                service: $0["service"] ?? "", setting: $0["setting"] ?? "", address: $0["address"] ?? "",
                url: $0["url"] ?? "")
        }
    }

    // MARK: - Its end

    /// Asks it to drain.
    func terminate() { program.signal(SIGTERM) }

    func waitForExit(within bound: Duration = .seconds(20)) async throws -> RunningProgram.Exit {
        try await program.waitForExit(within: bound)
    }

    /// What the system says of it.
    var status: ProcessStatus { ProcessStatus(pid: program.pid) }
}

/// Waits until `server` serves, and ends it after `body`, whatever that does.
func with<Server: ServerProcess, R>(_ server: Server, _ body: (Server) async throws -> R) async throws -> R {
    defer { server.program.end() }
    do {
        try await server.waitForLog("serving")
        return try await body(server)
    } catch let failed as FailedWithServer {
        throw FailedWithServer(error: failed, program: "\(Server.self)", log: server.lastWords)
    } catch {
        throw FailedWithServer(error: error, program: "\(Server.self)", log: server.lastWords)
    }
}

extension ServerProcess {
    fileprivate var lastWords: String { program.errors.events.suffix(40).joined() }
}

/// An error of a test, with the words of the server that it was about.
private struct FailedWithServer: Error, CustomStringConvertible {
    let error: any Error
    let program: String
    let log: String

    var description: String { "\(error)\n\(program) said:\n\(log)" }
}
