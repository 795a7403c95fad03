import Foundation
import TestKit

/// The real `sluice-proxy`, in a working directory of its own and on ports that the system chooses.
final class ProxyProcess: Sendable {
    enum Service: String {
        case media, api, system
    }

    /// What to start it with.
    struct Setup {
        /// Added to the variables that every test has.
        var variables: [String: String] = [:]
        /// Set as `ulimit -n`.
        var maximumDescriptors: Int?
        /// Files of its working directory.
        var files: [String: String] = [:]
    }

    struct Listener: Sendable {
        let service: String
        let variable: String
        let address: String
        let url: String

        var port: UInt16 { UInt16(address.split(separator: ":").last!)! }
    }

    let program: RunningProgram
    let directory: TemporaryDirectory

    /// Every port is the system's choice and the log is for machines.
    static let variables = [
        "PROXY_RTMP_SERVER": "0", "PROXY_HTTP_SERVER": "0", "PROXY_HTTP_API": "0", "PROXY_WEBRTC_SERVER": "0",
        "PROXY_SRT_SERVER": "0", "PROXY_SYSTEM_API": "0", "PROXY_LOG_FORMAT": "json", "PROXY_LOOPS": "2",
    ]

    /// The program that is tested.
    static func path() throws -> String {
        guard let folder = ProcessInfo.processInfo.environment["SLUICE_PROGRAMS"] else {
            throw WaitExpired(
                description: "SLUICE_PROGRAMS names no folder of programs; ./dev test builds them and sets it")
        }
        return "\(folder)/sluice-proxy"
    }

    /// Starts it and does not wait.
    init(_ setup: Setup = Setup()) throws {
        directory = try TemporaryDirectory()
        for (name, text) in setup.files { try directory.write(text, to: name) }
        let variables = Self.variables.merging(setup.variables) { _, own in own }.filter { !$0.value.isEmpty }
        if let maximum = setup.maximumDescriptors {
            program = try RunningProgram(
                "/bin/sh", ["-c", "ulimit -n \(maximum); exec \"$0\"", Self.path()], environment: variables,
                directory: directory.path)
        } else {
            program = try RunningProgram(Self.path(), environment: variables, directory: directory.path)
        }
    }

    deinit { program.end() }

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

    /// Where it says that it listens, in its own order.
    var listeners: [Listener] {
        log.filter { $0.message == "listening" }.map {
            Listener(
                service: $0["service"] ?? "", variable: $0["setting"] ?? "", address: $0["address"] ?? "",
                url: $0["url"] ?? "")
        }
    }

    func port(_ service: Service, isSecure: Bool = false) -> UInt16 {
        listeners.first { $0.service == service.rawValue && $0.url.hasPrefix("https:") == isSecure }?.port ?? 0
    }

    func url(_ service: Service, _ path: String, host: String = "127.0.0.1") -> String {
        "http://\(host):\(port(service))\(path)"
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

/// Starts a proxy, waits until it serves, and ends it after `body`, whatever that does.
func withProxy<R>(
    _ setup: ProxyProcess.Setup = .init(), _ body: (ProxyProcess) async throws -> R
) async throws -> R {
    let proxy = try ProxyProcess(setup)
    defer { proxy.program.end() }
    do {
        try await proxy.waitForLog("serving")
        return try await body(proxy)
    } catch {
        throw FailedWithProxy(error: error, log: proxy.program.errors.events.suffix(40).joined())
    }
}

func withProxy<R>(_ variables: [String: String], _ body: (ProxyProcess) async throws -> R) async throws -> R {
    try await withProxy(ProxyProcess.Setup(variables: variables), body)
}

/// An error of a test, with the words of the proxy that it was about.
private struct FailedWithProxy: Error, CustomStringConvertible {
    let error: any Error
    let log: String

    var description: String { "\(error)\nthe proxy said:\n\(log)" }
}
