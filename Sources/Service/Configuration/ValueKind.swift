/// How values of one type are written: what is accepted, how a value is shown, what the reference says about it.
package struct ValueKind<Value: Sendable>: Sendable {
    /// The accepted forms, in the words of the reference.
    package let forms: String
    /// Whether a value may be shown to nobody.
    package let isSecret: Bool
    package let parse: @Sendable (String) throws(InvalidValue) -> Value
    package let show: @Sendable (Value) -> ShownValue

    package init(
        forms: String, isSecret: Bool = false, parse: @escaping @Sendable (String) throws(InvalidValue) -> Value,
        show: @escaping @Sendable (Value) -> ShownValue
    ) {
        self.forms = forms
        self.isSecret = isSecret
        self.parse = parse
        self.show = show
    }
}

/// A value as listings show it.
package enum ShownValue: Equatable, Sendable, CustomStringConvertible {
    /// As an operator would write it.
    case text(String)
    /// What holds where nothing is set, such as `one per core`.
    case words(String)
    case redacted

    package var description: String {
        switch self {
        case .text(let text), .words(let text): text
        case .redacted: "<redacted>"
        }
    }
}

extension ValueKind {
    /// Values of `kind` or none. None is written as `word`, where there is one, and shown as `words` where not.
    package static func optional<Wrapped>(
        _ kind: ValueKind<Wrapped>, none word: String? = nil, shown words: String = "none"
    ) -> ValueKind where Value == Wrapped? {
        ValueKind(
            forms: word.map { "\(kind.forms), or `\($0)`" } ?? kind.forms,
            isSecret: kind.isSecret,
            parse: { (text) throws(InvalidValue) in
                guard let word else { return try kind.parse(text) }
                guard text.lowercased() != word else { return nil }
                do throws(InvalidValue) {
                    return try kind.parse(text)
                } catch .breaks(let rule) {
                    throw .breaks(rule: "\(rule), nor \(word)")
                }
            },
            show: { value in value.map(kind.show) ?? word.map(ShownValue.text) ?? .words(words) }
        )
    }
}
