import Foundation
import TestKit

/// An answer as curl saw it.
struct Answer {
    let status: Int
    /// Names in lower case; of a repeated one the last.
    let fields: [String: String]
    let body: String
    /// curl's own status; 0 where an answer came, 7 where nobody listens, 60 where the certificate is not trusted.
    let curl: Int32
    /// curl's words about a failure.
    let errors: String

    /// The body as a JSON object.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }
}

/// The most widely used HTTP client, as it is installed.
enum Curl {
    static func get(_ url: String, _ arguments: [String] = []) async throws -> Answer {
        let result = try await RunningProgram.run(
            "/usr/bin/curl",
            ["--silent", "--show-error", "--include", "--globoff", "--noproxy", "*", "--max-time", "20"] + arguments
                + [url])
        guard case .status(let code) = result.exit else { throw WaitExpired(description: "curl died: \(result.exit)") }
        let parts = result.output.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { fields[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces) }
        }
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(
            status: status, fields: fields, body: parts.count > 1 ? String(parts[1]) : "", curl: code,
            errors: result.errors)
    }
}

/// The metrics that a program shows.
struct MetricsPage {
    let text: String

    init(of server: some ServerProcess) async throws {
        text = try await Curl.get(server.metricsURL).body
    }

    /// The value of the sample that begins with `series`, labels included.
    func value(_ series: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    /// Waits until a value is as expected; counters of the loops are shown once a second.
    static func wait(
        for series: String, of server: some ServerProcess, within bound: Duration = .seconds(10),
        until isMet: (Double) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + bound
        var last: Double?
        while ContinuousClock.now < deadline {
            last = try await MetricsPage(of: server).value(series)
            if let last, isMet(last) { return }
        }
        throw WaitExpired(description: "\(series) is \(last.map { "\($0)" } ?? "not there") after \(bound)")
    }
}
