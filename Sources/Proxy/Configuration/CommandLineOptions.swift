package import Service

/// What the command line says: `--loops 4`, `--loops=4`.
package struct CommandLineOptions: Sendable {
    package enum Purpose: Sendable, Equatable {
        case run
        case help
        case version
        case reference
    }

    /// What the program is asked to do. Where more than running is asked for, the first such option holds.
    package private(set) var purpose = Purpose.run
    /// The file that `--env-file` names; nil where it is not given.
    package private(set) var environmentFile: String?
    /// The descriptor that `--ready-fd` names, open and ours alone from here on; nil where it is not given.
    package private(set) var readyDescriptor: Int32?
    /// Everything that is wrong with the arguments.
    package private(set) var mistakes: [ConfigurationMistake] = []
    /// What options say of variables.
    private(set) var settings: [Setting] = []

    struct Setting {
        let variable: String
        let option: String
        let value: String
    }

    /// The arguments without the program's name.
    package init(parsing arguments: [String] = []) {
        let reading = CommandLineReading(arguments, options: CommandLineOption<ProxyOptionMeaning>.all)
        mistakes = reading.mistakes
        for given in reading.given { take(given.option, given.value) }
    }

    private mutating func take(_ option: CommandLineOption<ProxyOptionMeaning>, _ value: String) {
        switch option.meaning {
        case .sets(let variable):
            settings.append(Setting(variable: variable, option: option.name, value: value))
        case .environmentFile: environmentFile = value
        case .readyDescriptor:
            readyDescriptor = ReadyNotice.claimDescriptor(value)
            if readyDescriptor == nil {
                mistakes.append(
                    ConfigurationMistake(option.name, "\(quoted(value)) is not an open descriptor above 2"))
            }
        case .asks(let asked): if purpose == .run { purpose = asked }
        }
    }
}
