/// Which levels are printed, for all subsystems and for single ones: `info,reactor=debug,http=warning`.
package struct LogFilter: Sendable, Equatable {
    /// What holds for a subsystem that is not named.
    package private(set) var defaultLevel: LogLevel
    private var levels: [String: LogLevel] = [:]

    package init(_ defaultLevel: LogLevel = .info) { self.defaultLevel = defaultLevel }

    /// The most verbose level that `subsystem` prints.
    package func level(of subsystem: LogSubsystem) -> LogLevel { levels[subsystem.name] ?? defaultLevel }
}

// MARK: - Reading

extension LogFilter {
    /// Reads entries separated by commas, each a level or `subsystem=level`; throws all mistakes at once.
    ///
    /// Spaces around names do not matter, nor does upper case. An empty value means `info`.
    package init(parsing value: String, subsystems: [LogSubsystem]) throws(LogFilterError) {
        self.init()
        guard value.contains(where: { $0 != " " }) else { return }
        var reading = Reading(known: subsystems.map(\.name).sorted(), filter: self)
        for (index, entry) in value.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            reading.read(entry, position: index + 1)
        }
        guard reading.mistakes.isEmpty else { throw LogFilterError(mistakes: reading.mistakes) }
        self = reading.filter
    }

    private struct Reading {
        let known: [String]
        var filter: LogFilter
        var mistakes: [LogFilterError.Mistake] = []
        private var hasDefault = false

        init(known: [String], filter: LogFilter) {
            self.known = known
            self.filter = filter
        }

        mutating func read(_ entry: Substring, position: Int) {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.name)
            switch (parts.first ?? "", parts.count > 1 ? parts[1] : nil) {
            case ("", nil): mistakes.append(.emptyEntry(position: position))
            case (let name, nil): if let level = level(name) { setDefault(level) }
            case ("", let name?): mistakes.append(.missingSubsystem(level: name))
            case (let subsystem, ""?): mistakes.append(.missingLevel(subsystem: subsystem))
            case (let subsystem, let name?): if let level = level(name) { set(subsystem, level) }
            }
        }

        private static func name(_ part: Substring) -> String {
            var trimmed = part.drop { $0 == " " }
            while trimmed.last == " " { trimmed.removeLast() }
            return trimmed.lowercased()
        }

        private mutating func level(_ name: String) -> LogLevel? {
            if let level = LogLevel(rawValue: name) { return level }
            mistakes.append(.unknownLevel(name))
            return nil
        }

        private mutating func setDefault(_ level: LogLevel) {
            if hasDefault { mistakes.append(.repeatedDefault(level)) }
            hasDefault = true
            filter.defaultLevel = level
        }

        private mutating func set(_ subsystem: String, _ level: LogLevel) {
            guard known.contains(subsystem) else {
                mistakes.append(.unknownSubsystem(subsystem, known: known))
                return
            }
            if filter.levels.updateValue(level, forKey: subsystem) != nil {
                mistakes.append(.repeatedSubsystem(subsystem))
            }
        }
    }
}

/// Everything that is wrong with the text of a filter; each mistake's text goes behind the name of the variable.
package struct LogFilterError: Error, Equatable {
    package let mistakes: [Mistake]

    package enum Mistake: Equatable, Sendable, CustomStringConvertible {
        /// Nothing between two commas; positions count from 1.
        case emptyEntry(position: Int)
        case missingLevel(subsystem: String)
        case missingSubsystem(level: String)
        case unknownLevel(String)
        case unknownSubsystem(String, known: [String])
        case repeatedDefault(LogLevel)
        case repeatedSubsystem(String)

        package var description: String {
            switch self {
            case .emptyEntry(let position): "entry \(position) is empty"
            case .missingLevel(let subsystem): "\"\(subsystem)=\" names no level (\(Self.levels))"
            case .missingSubsystem(let level): "\"=\(level)\" names no subsystem"
            case .unknownLevel(let name): "\"\(name)\" is not a level (\(Self.levels))"
            case .unknownSubsystem(let name, let known):
                "\"\(name)\" is not a subsystem (\(known.joined(separator: ", ")))"
            case .repeatedDefault(let level): "\"\(level.rawValue)\" is a second level for all subsystems"
            case .repeatedSubsystem(let name): "\"\(name)\" is set twice"
            }
        }

        private static let levels = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
    }
}
