/// What the arguments of a program say, before the program gives it a meaning: `--loops 4`, `--loops=4`, `-c FILE`.
package struct CommandLineReading<Meaning: Sendable> {
    package struct Given {
        package let option: CommandLineOption<Meaning>
        /// Its argument; empty where it takes none.
        package let value: String
    }

    /// In the order of the arguments.
    package private(set) var given: [Given] = []
    /// Everything that is wrong with the arguments.
    package private(set) var mistakes: [ConfigurationMistake] = []

    private let options: [CommandLineOption<Meaning>]

    /// The arguments without the program's name.
    package init(_ arguments: [String], options: [CommandLineOption<Meaning>]) {
        self.options = options
        var rest = arguments[...]
        var seen: Set<String> = []
        while let argument = rest.popFirst() {
            guard let (option, attached) = find(argument) else { continue }
            if option.argument != nil, !seen.insert(option.name).inserted {
                mistakes.append(ConfigurationMistake(option.name, "is given twice"))
            }
            // "=" attaches the argument, or it is the next word.
            if option.argument != nil, let value = attached ?? rest.popFirst(), !value.isEmpty {
                given.append(Given(option: option, value: value))
            } else if let argument = option.argument {
                mistakes.append(ConfigurationMistake(option.name, "needs an argument: \(option.name) \(argument)"))
            } else if attached != nil {
                mistakes.append(ConfigurationMistake(option.name, "takes no argument"))
            } else {
                given.append(Given(option: option, value: ""))
            }
        }
    }

    private mutating func find(_ argument: String) -> (option: CommandLineOption<Meaning>, attached: String?)? {
        guard argument.hasPrefix("-") else {
            mistakes.append(ConfigurationMistake(quoted(argument), "is not an option"))
            return nil
        }
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        if let option = options.first(where: { $0.names.contains(name) }) {
            return (option, parts.count > 1 ? parts[1] : nil)
        }
        // What is attached stays unsaid: it could be a secret.
        let known = options.flatMap(\.names).filter { $0.hasPrefix("--") }
        let nearest = NearestName.of(name, among: known, prefix: "--")
        mistakes.append(ConfigurationMistake(unknown: name, nearest: nearest))
        return nil
    }
}
