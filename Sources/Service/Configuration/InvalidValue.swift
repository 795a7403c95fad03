/// Why a value cannot be had.
package enum InvalidValue: Error, Equatable {
    /// What the value is not, in words that stand behind it: `is not a port from 1 to 65535`.
    case breaks(rule: String)
    /// What is wrong with parts of it, each complaint with the part that it is about.
    case parts([String])

    /// Complaints about `value`, which a secret's do not show.
    package func complaints(about value: String, isSecret: Bool) -> [String] {
        let shown = isSecret ? "the value" : quoted(value)
        switch self {
        case .breaks(let rule): return ["\(shown) \(rule)"]
        case .parts(let complaints): return isSecret ? ["\(shown) is not valid"] : complaints
        }
    }
}

/// A value as messages show it: between quotes and printable, at most 64 characters, what stands before an `@` left
/// out, for that is where URLs carry passwords.
package func quoted(_ value: String) -> String {
    let maximumScalars = 64
    var shown = value.unicodeScalars[...]
    var text = "\""
    if let at = shown.lastIndex(of: "@") {
        shown = shown[at...]
        text += "…"
    }
    for scalar in shown.prefix(maximumScalars) {
        let isPlain = scalar.properties.generalCategory != .control && scalar != "\"" && scalar != "\\"
        text += isPlain ? String(scalar) : scalar.escaped(asASCII: false)
    }
    return text + (shown.count > maximumScalars ? "…\"" : "\"")
}
