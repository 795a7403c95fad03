import TestKit

/// The real `sluice-proxy`.
final class ProxyProcess: ServerProcess {
    enum Service: String {
        case rtmp, media, api, system
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

    let program: RunningProgram
    let directory: TemporaryDirectory

    /// Every port is the system's choice and the log is for machines.
    static let variables = [
        "PROXY_RTMP_SERVER": "0", "PROXY_HTTP_SERVER": "0", "PROXY_HTTP_API": "0", "PROXY_WEBRTC_SERVER": "0",
        "PROXY_SRT_SERVER": "0", "PROXY_SYSTEM_API": "0", "PROXY_LOG_FORMAT": "json", "PROXY_LOOPS": "2",
    ]

    static func path() throws -> String { try SluicePrograms.path(of: "sluice-proxy") }

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

    func port(_ service: Service, isSecure: Bool = false) -> UInt16 {
        listeners.first { listener in
            let isThis = listener.url.hasPrefix("https:") || listener.url.hasPrefix("rtmps:")
            return listener.service == service.rawValue && isThis == isSecure
        }?.port ?? 0
    }

    var metricsURL: String { url(.system, "/metrics") }

    func url(_ service: Service, _ path: String, host: String = "127.0.0.1", isSecure: Bool = false) -> String {
        let scheme = (service == .rtmp ? "rtmp" : "http") + (isSecure ? "s" : "")
        return "\(scheme)://\(host):\(port(service, isSecure: isSecure))\(path)"
    }
}

/// Starts a proxy, waits until it serves, and ends it after `body`, whatever that does.
func withProxy<R>(
    _ setup: ProxyProcess.Setup = .init(), _ body: (ProxyProcess) async throws -> R
) async throws -> R {
    try await with(ProxyProcess(setup), body)
}

func withProxy<R>(_ variables: [String: String], _ body: (ProxyProcess) async throws -> R) async throws -> R {
    try await withProxy(ProxyProcess.Setup(variables: variables), body)
}
