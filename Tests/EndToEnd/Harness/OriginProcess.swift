import TestKit

/// The real `sluice-origin`.
final class OriginProcess: ServerProcess {
    enum Service: String {
        case rtmp, rtmps, http, https, api, exporter
    }

    let program: RunningProgram
    let directory: TemporaryDirectory

    /// Every port is the system's choice; each session has a line in the log.
    static let variables = [
        "SRS_LISTEN": "127.0.0.1:0", "SRS_HTTP_SERVER_ENABLED": "on", "SRS_HTTP_SERVER_LISTEN": "127.0.0.1:0",
        "SRS_VHOST_HTTP_REMUX_ENABLED": "on", "SRS_EXPORTER_ENABLED": "on", "SRS_EXPORTER_LISTEN": "127.0.0.1:0",
        "SRS_LOOPS": "2", "SRS_SRS_LOG_LEVEL_V2": "debug",
    ]

    /// Starts it and does not wait; with `configuration` as its file, which the variables override.
    init(_ own: [String: String] = [:], configuration: String? = nil) throws {
        directory = try TemporaryDirectory()
        var arguments = ["-e"]
        if let configuration { arguments = ["-c", try directory.write(configuration, to: "origin.conf")] }
        program = try RunningProgram(
            SluicePrograms.path(of: "sluice-origin"), arguments,
            environment: Self.variables.merging(own) { _, own in own }.filter { !$0.value.isEmpty },
            directory: directory.path)
    }

    deinit { program.end() }

    func port(_ service: Service) -> UInt16 { listeners.first { $0.service == service.rawValue }?.port ?? 0 }

    var metricsURL: String { url(.exporter, "/metrics") }

    func url(_ service: Service, _ path: String, host: String = "127.0.0.1") -> String {
        let scheme = service == .exporter || service == .api ? "http" : service.rawValue
        return "\(scheme)://\(host):\(port(service))\(path)"
    }
}

func withOrigin<R>(_ variables: [String: String] = [:], _ body: (OriginProcess) async throws -> R) async throws -> R {
    try await with(OriginProcess(variables), body)
}
