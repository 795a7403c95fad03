import CLinux

extension ChildCommand {
    /// Refuses what the system would cut short or misread.
    func check() throws(ProcessError) {
        let texts = [program] + arguments + [workingDirectory ?? ""] + variables.flatMap { [$0.key, $0.value] }
        let names = variables.keys
        guard !texts.contains(where: { $0.utf8.contains(0) }),
            !names.contains(where: { $0.isEmpty || $0.utf8.contains(UInt8(ascii: "=")) })
        else { throw .invalidCommand }
    }

    private var variables: [String: String] {
        switch environment {
        case .inherited: [:]
        case .inheritedAnd(let variables), .exactly(let variables): variables
        }
    }

    /// The environment as exec wants it: `NAME=value`.
    var environmentTexts: [String] {
        let set = variables.map { "\($0.key)=\($0.value)" }.sorted()
        if case .exactly = environment { return set }
        return Self.inheritedEnvironment.filter { text in
            variables[String(text.prefix { $0 != "=" })] == nil
        } + set
    }

    private static var inheritedEnvironment: [String] {
        var texts: [String] = []
        guard var next = clinux_environment() else { return texts }
        // Safe: the system's array ends with NULL. Nothing here changes the environment while the program runs.
        while let text = next.pointee {
            texts.append(String(cString: text))
            next += 1
        }
        return texts
    }
}
