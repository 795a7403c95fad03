import Glibc

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
        var rest = arguments[...]
        var seen: Set<String> = []
        while let argument = rest.popFirst() {
            guard let (option, attached) = find(argument) else { continue }
            if option.argument != nil, !seen.insert(option.name).inserted {
                mistakes.append(ConfigurationMistake(option.name, "is given twice"))
            }
            // "=" attaches the argument, or it is the next word.
            if option.argument != nil, let value = attached ?? rest.popFirst(), !value.isEmpty {
                take(option, value)
            } else if let argument = option.argument {
                mistakes.append(ConfigurationMistake(option.name, "needs an argument: \(option.name) \(argument)"))
            } else if attached != nil {
                mistakes.append(ConfigurationMistake(option.name, "takes no argument"))
            } else {
                take(option, "")
            }
        }
    }

    private mutating func find(_ argument: String) -> (option: CommandLineOption, attached: String?)? {
        guard argument.hasPrefix("-") else {
            mistakes.append(ConfigurationMistake(quoted(argument), "is not an option"))
            return nil
        }
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0] == "-h" ? "--help" : parts[0]
        if let option = CommandLineOption.all.first(where: { $0.name == name }) {
            return (option, parts.count > 1 ? parts[1] : nil)
        }
        // What is attached stays unsaid: it could be a secret.
        let nearest = NearestName.of(name, among: CommandLineOption.all.map(\.name), prefix: "--")
        mistakes.append(ConfigurationMistake(unknown: name, nearest: nearest))
        return nil
    }

    private mutating func take(_ option: CommandLineOption, _ value: String) {
        switch option.meaning {
        case .sets(let variable):
            settings.append(Setting(variable: variable, option: option.name, value: value))
        case .environmentFile: environmentFile = value
        case .readyDescriptor: claimDescriptor(value, for: option)
        case .asks(let asked): if purpose == .run { purpose = asked }
        }
    }

    /// Before anything else is opened: later the number could be of something else.
    private mutating func claimDescriptor(_ text: String, for option: CommandLineOption) {
        if let descriptor = Int32(text), descriptor > 2, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 {
            readyDescriptor = descriptor
        } else {
            mistakes.append(ConfigurationMistake(option.name, "\(quoted(text)) is not an open descriptor above 2"))
        }
    }
}
