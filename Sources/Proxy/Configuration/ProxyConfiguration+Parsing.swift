import Bytes
package import Service

extension ProxyConfiguration {
    /// Reads the configuration from what the program was started with, and reports everything that is wrong at once.
    ///
    /// The command line overrides the environment, and the environment the file, even with an empty value: that means
    /// the default.
    package static func parse(
        environment: [String: String], file: EnvironmentFileSource = .absent,
        options: CommandLineOptions = CommandLineOptions()
    ) throws(ConfigurationMistakes) -> CheckedConfiguration {
        var reading = ConfigurationReading()
        reading.take(options)
        reading.take(file)
        reading.take(environment)
        reading.warnOfUnknownNames()
        reading.applyVariables()
        reading.checkRules()
        return try reading.finish()
    }
}

/// A configuration being read: what was given, what is wrong so far.
struct ConfigurationReading {
    struct Given {
        let text: String
        let source: SettingSource
    }

    /// Bytes of a value; a longer one is a mistake.
    private static let maximumValueBytes = 4_096

    var configuration = ProxyConfiguration()
    var mistakes: [ConfigurationMistake] = []
    var warnings: [ConfigurationWarning] = []

    /// By name, whatever begins like ours; of two sources the one that overrides the other.
    private var given: [String: Given] = [:]
    /// Given values that are not valid: rules between variables leave these out.
    private var invalid: Set<String> = []

    // MARK: - Sources

    mutating func take(_ options: CommandLineOptions) {
        mistakes += options.mistakes
        for setting in options.settings {
            take(setting.variable, setting.value, from: .commandLine(option: setting.option))
        }
    }

    mutating func take(_ file: EnvironmentFileSource) {
        switch file {
        case .absent: break
        case .unreadable(let path, let reason):
            mistakes.append(ConfigurationMistake(path, "cannot be read: \(reason)"))
        case .contents(let path, let bytes):
            do throws(EnvironmentFileTooLarge) {
                take(try EnvironmentFile(parsing: bytes.rawSpan), path: path)
            } catch {
                mistakes.append(ConfigurationMistake(path, "is larger than \(error.maximumBytes) bytes"))
            }
        }
    }

    private mutating func take(_ file: EnvironmentFile, path: String) {
        for malformed in file.malformed {
            mistakes.append(ConfigurationMistake("\(path):\(malformed.line)", malformed.fault.description))
        }
        if file.furtherMalformed > 0 {
            mistakes.append(ConfigurationMistake(path, "\(file.furtherMalformed) more lines are malformed"))
        }
        var lines: [String: Int] = [:]
        for entry in file.entries where entry.name.hasPrefix(Variables.prefix) {
            if lines.updateValue(entry.line, forKey: entry.name) != nil {
                warnings.append(.repeatedInFile(entry.name, path: path, line: entry.line))
            }
            take(entry.name, entry.value, from: .file(path: path, line: entry.line))
        }
    }

    mutating func take(_ environment: [String: String]) {
        for (name, text) in environment where name.hasPrefix(Variables.prefix) { take(name, text, from: .environment) }
    }

    private mutating func take(_ name: String, _ text: String, from source: SettingSource) {
        let isWeaker = given[name].map { source.rank < $0.source.rank } ?? false
        if !isWeaker { given[name] = Given(text: text, source: source) }
    }

    mutating func warnOfUnknownNames() {
        let known = Variables.all.map(\.name)
        for name in Set(given.keys).subtracting(known).sorted() {
            warnings.append(
                ConfigurationWarning(
                    unknown: name, nearest: NearestName.of(name, among: known, prefix: Variables.prefix)))
        }
    }

    // MARK: - Values

    mutating func applyVariables() {
        for variable in Variables.all {
            guard let given = value(of: variable) else { continue }
            for complaint in apply(variable, given.text) {
                invalid.insert(variable.name)
                mistakes.append(mistake(variable.name, complaint, from: given.source))
            }
        }
    }

    /// Sets the field of the variable and returns what is wrong.
    private mutating func apply(_ variable: Variable, _ text: String) -> [String] {
        do throws(InvalidValue) {
            guard text.utf8.count <= Self.maximumValueBytes else {
                throw .breaks(rule: "is longer than \(Self.maximumValueBytes) bytes")
            }
            try variable.set(text, &configuration)
            return []
        } catch {
            let complaints = error.complaints(about: text, isSecret: variable.isSecret)
            return complaints.map { $0 + (Self.serviceHint(variable.name, text) ?? "") }
        }
    }

    /// What Kubernetes sets for a Service whose name is that of a variable of ours but for the end: `PROXY_REDIS_PORT`
    /// is `tcp://10.0.0.1:6379` in every pod beside a Service called `proxy-redis`.
    private static func serviceHint(_ name: String, _ text: String) -> String? {
        let isLink = ["tcp://", "udp://", "sctp://"].contains { text.hasPrefix($0) }
        guard isLink, name.hasSuffix("_PORT") else { return nil }
        let service = name.dropLast("_PORT".count).lowercased().replacing("_", with: "-")
        return
            ": it looks like what Kubernetes sets for a Service called \(service); give that another name, or the pod "
            + "`enableServiceLinks: false`"
    }

    private func mistake(_ name: String, _ complaint: String, from source: SettingSource) -> ConfigurationMistake {
        switch source {
        case .commandLine(let option): ConfigurationMistake(option, complaint)
        case .file: ConfigurationMistake(name, "\(complaint) (\(source))")
        case .environment, .standard: ConfigurationMistake(name, complaint)
        }
    }

    /// What is given for the variable; nil where that is nothing or empty.
    func value(of variable: Variable) -> Given? { given[variable.name].flatMap { $0.text.isEmpty ? nil : $0 } }

    func isValid(_ name: String) -> Bool { !invalid.contains(name) }

    // MARK: - The end

    func finish() throws(ConfigurationMistakes) -> CheckedConfiguration {
        guard mistakes.isEmpty else { throw ConfigurationMistakes(mistakes: mistakes, warnings: warnings) }
        let settings = Variables.all.map { variable in
            CheckedConfiguration.Setting(
                name: variable.name, value: variable.shown(configuration),
                source: value(of: variable)?.source ?? .standard)
        }
        let withoutEffect = Variables.all.filter { $0.effect == .none && value(of: $0) != nil }.map(\.name)
        return CheckedConfiguration(
            configuration: configuration, warnings: warnings, withoutEffect: withoutEffect, settings: settings)
    }
}
