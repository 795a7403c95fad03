import Foundation
import TestKit

/// `play.py`: a chromium on the built-in page, which checks what it sees. Everything it writes is in `directory`.
final class Browser: Sendable {
    /// What was seen at the end of a round; the script has checked the rest.
    struct Seen: Decodable {
        let time: Double
        let frames: Int
        let picture: String
        let sound: String
    }

    let program: RunningProgram
    let directory: TemporaryDirectory

    fileprivate init(_ arguments: [String]) throws {
        directory = try TemporaryDirectory()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("play.py").path
        program = try RunningProgram(
            "/usr/bin/python3", ["-B", script] + arguments, environment: ["TMPDIR": directory.path])
    }

    /// Waits for the end of a round.
    func round(_ number: Int) async throws -> Seen {
        let program = program
        let lines = try await program.output.wait(for: "round \(number)", within: .seconds(40)) { lines in
            lines.count { $0.hasPrefix("{") } >= number || program.hasExited
        }
        let rounds = lines.filter { $0.hasPrefix("{") }
        guard rounds.count >= number else {
            throw WaitExpired(description: "no round \(number): \(program.errors.events.joined())")
        }
        return try JSONDecoder().decode(Seen.self, from: Data(rounds[number - 1].utf8))
    }

    /// How many processes there are that were told to keep their files in `folder`.
    static func processes(of folder: String) -> Int {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return numbers.count { number in
            guard Int(number) != nil, let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") else {
                return false
            }
            return line.range(of: Data("=\(folder)/".utf8)) != nil
        }
    }

    /// Has the script close the browser and remove its profile.
    fileprivate func end() async throws {
        program.signal(SIGTERM)
        defer { program.end() }
        _ = try await program.waitForExit(within: .seconds(30))
        let folder = directory.path
        try await eventually("end of the browser's processes") { Self.processes(of: folder) == 0 }
    }
}

/// Starts a browser and ends it after `body`, whatever that does.
func withBrowser<R>(_ arguments: [String], _ body: (Browser) async throws -> R) async throws -> R {
    let browser = try Browser(arguments)
    let result: Result<R, any Error>
    do { result = .success(try await body(browser)) } catch { result = .failure(error) }
    try await browser.end()
    return try result.get()
}
