import Foundation

/// A line of the proxy's log in JSON.
struct LogLine: Decodable, Sendable, CustomStringConvertible {
    let level: String
    let subsystem: String
    let message: String
    private let fields: [String: Value]?

    private enum Value: Decodable, Sendable {
        case text(String)
        case number(Double)
        case flag(Bool)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else {
                self = .number(try container.decode(Double.self))
            }
        }
    }

    /// Nil for a line that is not of the log.
    init?(_ line: String) {
        guard let parsed = try? JSONDecoder().decode(LogLine.self, from: Data(line.utf8)) else { return nil }
        self = parsed
    }

    /// A field that is text.
    subscript(field: String) -> String? {
        if case .text(let text)? = fields?[field] { text } else { nil }
    }

    /// A field that is a number.
    func number(_ field: String) -> Double? {
        if case .number(let number)? = fields?[field] { number } else { nil }
    }

    var description: String { "\(level) \(subsystem): \(message) \(fields ?? [:])" }
}
