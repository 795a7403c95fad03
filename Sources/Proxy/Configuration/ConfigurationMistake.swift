/// One thing that is wrong with what an operator has set, in words for the operator; no secret is among them.
package struct ConfigurationMistake: Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// `subject` is a variable, an option, a file, or a line of one.
    init(_ subject: String, _ complaint: String) { description = "\(subject): \(complaint)" }

    /// A name that nothing is known of.
    init(unknown name: String, nearest: String?) { description = unknownName(name, nearest: nearest) }
}

/// Everything that is wrong: nothing starts before all of it is mended.
package struct ConfigurationMistakes: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one.
    package let mistakes: [ConfigurationMistake]
    /// What else looks unintended, a mistyped name for one.
    package let warnings: [ConfigurationWarning]

    /// The mistakes, one to a line.
    package var description: String { mistakes.map(\.description).joined(separator: "\n") }
}

/// Something that looks unintended and stops nothing.
package enum ConfigurationWarning: Sendable, Equatable, CustomStringConvertible {
    /// A variable that begins like ours.
    case unknownVariable(String, nearest: String?)
    /// A variable that two lines of a file set; the later one holds.
    case repeatedInFile(String, path: String, line: Int)
    case forceBeforeGrace(force: Duration, grace: Duration)
    /// Certificate and key without a listener that would use them.
    case unusedCertificate

    package var description: String {
        switch self {
        case .unknownVariable(let name, let nearest): unknownName(name, nearest: nearest)
        case .repeatedInFile(let name, let path, let line): "\(name) is set again at \(path):\(line), which holds"
        case .forceBeforeGrace(let force, let grace):
            "PROXY_FORCE_QUIT_TIMEOUT (\(DurationText.text(force))) ends what PROXY_GRACE_QUIT_TIMEOUT "
                + "(\(DurationText.text(grace))) would let live"
        case .unusedCertificate: "PROXY_TLS_CERTIFICATE and PROXY_TLS_KEY are not used without PROXY_HTTPS_SERVER"
        }
    }
}

private func unknownName(_ name: String, nearest: String?) -> String {
    guard let nearest else { return "\(name) is not known" }
    return "\(name) is not known; did you mean \(nearest)?"
}
