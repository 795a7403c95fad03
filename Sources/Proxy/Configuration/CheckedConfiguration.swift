package import Service

/// A configuration in which nothing is wrong, and what its operator should hear of it.
package struct CheckedConfiguration: Sendable {
    package let configuration: ProxyConfiguration
    package let warnings: [ConfigurationWarning]
    /// Variables that are set and mean nothing in this version.
    package let withoutEffect: [String]
    /// What holds for each variable, in the order of the reference.
    package let settings: [Setting]
    /// The descriptor of a pipe whose other end waits for the program to be ready.
    package var readyDescriptor: Int32?

    package struct Setting: Sendable, Equatable, CustomStringConvertible {
        package let name: String
        package let value: ShownValue
        package let source: SettingSource

        /// `PROXY_LOOPS=4 (--loops)`; a secret is `<redacted>`.
        package var description: String { "\(name)=\(value) (\(source))" }
    }
}

/// Where a value comes from; a later case overrides an earlier one.
package enum SettingSource: Sendable, Equatable, CustomStringConvertible {
    case standard
    case file(path: String, line: Int)
    case environment
    case commandLine(option: String)

    package var description: String {
        switch self {
        case .standard: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment: "environment"
        case .commandLine(let option): option
        }
    }

    /// Of two, the greater one overrides the other.
    var rank: Int {
        switch self {
        case .standard: 0
        case .file: 1
        case .environment: 2
        case .commandLine: 3
        }
    }
}

/// The `.env` file as it was found.
package enum EnvironmentFileSource: Sendable {
    case absent
    case contents(path: String, bytes: [UInt8])
    case unreadable(path: String, reason: String)
}
