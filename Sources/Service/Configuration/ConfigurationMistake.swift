/// One thing that is wrong with what an operator has set, in words for the operator; no secret is among them.
package struct ConfigurationMistake: Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// `subject` is a variable, an option, a file, or a line of one.
    package init(_ subject: String, _ complaint: String) { description = "\(subject): \(complaint)" }

    /// A name that nothing is known of.
    package init(unknown name: String, nearest: String?) { description = unknownName(name, nearest: nearest) }
}

/// Everything that is wrong: nothing starts before all of it is mended.
package struct ConfigurationMistakes: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one.
    package let mistakes: [ConfigurationMistake]
    /// What else looks unintended, a mistyped name for one.
    package let warnings: [ConfigurationWarning]

    /// `mistakes` has at least one.
    package init(mistakes: [ConfigurationMistake], warnings: [ConfigurationWarning]) {
        self.mistakes = mistakes
        self.warnings = warnings
    }

    /// The mistakes, one to a line.
    package var description: String { mistakes.map(\.description).joined(separator: "\n") }
}

/// Something that looks unintended and stops nothing, in words for the operator.
package struct ConfigurationWarning: Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// A name that begins like ours and that nothing is known of.
    package init(unknown name: String, nearest: String?) { description = unknownName(name, nearest: nearest) }
}

private func unknownName(_ name: String, nearest: String?) -> String {
    guard let nearest else { return "\(name) is not known" }
    return "\(name) is not known; did you mean \(nearest)?"
}
