import Foundation
import TestKit

/// One of the Python programs of `Clients`, which says in lines of JSON what happens to it.
final class Client: Sendable {
    struct Event: Decodable, Sendable {
        /// asked, status, answer, header, media, stalled, sent, closed, request.
        let event: String
        /// Since the program began.
        let ms: Int
        // Of a status of RTMP, or of a WebSocket's end.
        var code: String?
        var text: String?
        // Of a message of media.
        var kind: String?
        var time: Int?
        var hash: String?
        var key: Bool?
        var config: Bool?
        /// In a digest: frames before this one, and whether it is far from the one before.
        var count: Int?
        var leap: Bool?
        /// What a data message is called, and its properties.
        var name: String?
        var numbers: [String: Double]?
        var texts: [String: String]?
        // Of an answer by HTTP, and of FLV's header.
        var status: Int?
        var fields: [String: String]?
        var flags: Int?
    }

    let program: RunningProgram

    private init(_ script: String, _ arguments: [String]) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        program = try RunningProgram("/usr/bin/python3", ["\(folder)/Clients/\(script)"] + arguments)
    }

    deinit { program.end() }

    /// Has a publisher send its file at the file's pace, over and over, for longer than tests take.
    static let lasting = ["--speed", "1", "--rounds", "99"]

    static func publish(_ url: String, _ file: String, _ options: [String] = []) throws -> Client {
        try Client("publish.py", [url, file] + options)
    }

    /// By RTMP, HTTP or WebSocket, as `url` says.
    static func play(_ url: String, _ options: [String] = []) throws -> Client {
        try Client("play.py", [url] + options)
    }

    /// Any other of the programs.
    static func run(_ script: String, _ arguments: [String] = []) throws -> Client { try Client(script, arguments) }

    var events: [Event] { Self.parse(program.output.events) }

    /// The latest, without a look at all others.
    var last: Event? { Self.parse(program.output.events.suffix(1)).last }

    private static func parse(_ lines: some Sequence<String>) -> [Event] {
        lines.compactMap { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    }

    /// Waits until it has said everything.
    func all() async throws -> [Event] {
        Self.parse(try await program.waitForOutput().output.split(separator: "\n").map(String.init))
    }

    /// Waits for the event of this name.
    @discardableResult
    func wait(for event: String, count: Int = 1, within bound: Duration = .seconds(20)) async throws -> Event {
        let mark = "{\"event\": \"\(event)\""
        let lines = try await lines(for: "\(count) of \(event)", within: bound) { lines in
            lines.count { $0.hasPrefix(mark) } >= count
        }
        return Self.parse(lines).filter { $0.event == event }[count - 1]
    }

    /// Waits until a status of RTMP with this code has come.
    @discardableResult
    func wait(forStatus code: String, count: Int = 1) async throws -> Event {
        let lines = try await lines(for: code) { lines in lines.count { $0.contains("\"\(code)\"") } >= count }
        return Self.parse(lines).filter { $0.code == code }[count - 1]
    }

    /// Waits until a message with these bytes has come, and returns all events up to now.
    func events(to hash: String, within bound: Duration = .seconds(20)) async throws -> [Event] {
        Self.parse(try await lines(for: "message \(hash)", within: bound) { $0.contains { $0.contains(hash) } })
    }

    private func lines(
        for what: String, within bound: Duration = .seconds(20), until isMet: @escaping @Sendable ([String]) -> Bool
    ) async throws -> [String] {
        do {
            return try await program.output.wait(for: what, within: bound, until: isMet)
        } catch {
            throw WaitExpired(description: "\(error); it complained: \(program.errors.events.suffix(5).joined())")
        }
    }
}

extension [Client.Event] {
    var media: [Client.Event] { filter { $0.event == "media" } }

    /// Coded frames.
    func frames(_ kind: String) -> [Client.Event] { filter { $0.kind == kind && $0.config == false } }

    func configurations(_ kind: String) -> [Client.Event] { filter { $0.kind == kind && $0.config == true } }

    /// Whether the times of `kind` never go back.
    func isMonotonic(_ kind: String) -> Bool {
        let times = frames(kind).compactMap(\.time)
        return zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
    }
}
