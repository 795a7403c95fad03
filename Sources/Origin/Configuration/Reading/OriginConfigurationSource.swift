package import Service

/// Where a configuration is read from; variables override each.
package enum OriginConfigurationSource: Sendable, Equatable {
    /// `OriginConfiguration.builtIn`, where nothing is named.
    case builtIn
    case file(String)
    /// SRS's defaults and a default host that has them.
    case environmentOnly

    /// Variables that choose the source and are no directives.
    static let variables: Set = ["SRS_CONFIG_FILE", "SRS_ENV_ONLY"]

    /// As SRS chooses: `-e` and SRS_ENV_ONLY go before files, SRS_CONFIG_FILE before `-c`.
    init(file: String?, environmentOnly: Bool, environment: [String: String]) {
        let named = environment["SRS_CONFIG_FILE"].flatMap { $0.isEmpty ? nil : $0 } ?? file
        if environmentOnly || environment["SRS_ENV_ONLY"] != nil {
            self = .environmentOnly
        } else {
            self = named.map { .file($0) } ?? .builtIn
        }
    }
}

/// A configuration in which nothing is wrong, and what its operator should hear of it.
package struct CheckedOriginConfiguration: Sendable, Equatable {
    package let configuration: OriginConfiguration
    package let source: OriginConfigurationSource
    package let warnings: [ConfigurationWarning]
    /// The descriptor of a pipe whose other end waits for the program to be ready.
    package var readyDescriptor: Int32?
}

extension OriginConfiguration {
    /// What holds where no file is named: RTMP, HTTP-FLV and the API on SRS's usual ports.
    package static let builtIn = """
        listen 1935;
        http_api {
            enabled on;
        }
        http_server {
            enabled on;
        }
        vhost __defaultVhost__ {
            http_remux {
                enabled on;
            }
        }
        """

    /// Reads the configuration and reports everything that is wrong at once. `read` is asked for each file.
    package static func parse(
        _ source: OriginConfigurationSource, environment: [String: String] = [:],
        read: @escaping (String) -> Result<[UInt8], DirectiveTree.Unreadable>
    ) throws(ConfigurationMistakes) -> CheckedOriginConfiguration {
        var reading = OriginConfigurationReading()
        switch source {
        case .builtIn: reading.take(DirectiveTree(text: Array(builtIn.utf8), name: "built-in", read: read))
        case .file(let path): reading.take(DirectiveTree(path: path, read: read))
        case .environmentOnly: reading.configuration.virtualHosts = [OriginVirtualHost()]
        }
        reading.take(environment)
        // A file that was not understood has directives that nobody saw.
        if !reading.hasFaults { reading.checkRules(of: source) }
        guard reading.mistakes.isEmpty else {
            throw ConfigurationMistakes(mistakes: reading.mistakes, warnings: reading.warnings)
        }
        return CheckedOriginConfiguration(
            configuration: reading.configuration, source: source, warnings: reading.warnings)
    }
}
