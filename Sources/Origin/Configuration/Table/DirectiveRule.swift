package import Service

/// One directive: where it may stand, what it takes, what it means, and what comes of it.
package struct DirectiveRule: Sendable {
    package enum Form: Sendable, Equatable {
        /// One argument.
        case value
        /// One argument or more.
        case values
        /// `name { … }`.
        case block
        /// `name WHAT { … }`.
        case namedBlock(what: String)
        /// Whatever is written, block or not: what stands in it belongs to another program.
        case anything
    }

    package enum Support: Sendable, Equatable {
        case supported
        /// Known, and a warning where it is switched on.
        case notYet
        /// As `notYet`, and whoever uses it wants somebody kept out.
        case notYetGuarding
        /// Known, without a meaning here, for the reason that is given.
        case meaningless(String)
    }

    /// What a directive does to the configuration; it may have a remark for the operator.
    enum Effect: Sendable {
        case none
        case server(@Sendable ([String], inout OriginConfiguration) throws(InvalidValue) -> String?)
        case virtualHost(@Sendable ([String], inout OriginVirtualHost) throws(InvalidValue) -> String?)
    }

    /// Where it stands: names of blocks and its own, with dots between them: `vhost.play.gop_cache`.
    package let path: String
    package let form: Form
    /// The accepted values, in words; empty for blocks.
    package let forms: String
    /// What holds where it is not given.
    package let standard: ShownValue
    /// What it is for, in one sentence.
    package let summary: String
    package let support: Support
    /// Whether several may stand beside each other and all count.
    package let isRepeatable: Bool
    /// Whether its values are shown to nobody.
    let isSecret: Bool
    let effect: Effect

    package var name: String { Self.name(at: path) }

    /// The path of the block that it stands in; empty for the root.
    package var parent: String { Self.parent(of: path) }

    /// The environment variable that overrides it, in every virtual host where it stands in one.
    package var variable: String { Self.variable(for: path) }

    /// Whether it can be set by a variable.
    package var hasVariable: Bool { form == .value || form == .values }

    static func name(at path: String) -> String {
        String(path[(path.lastIndex(of: ".").map(path.index(after:)) ?? path.startIndex)...])
    }

    static func parent(of path: String) -> String { path.lastIndex(of: ".").map { String(path[..<$0]) } ?? "" }

    static func variable(for path: String) -> String { "SRS_" + path.uppercased().replacing(".", with: "_") }
}

// MARK: - Supported

extension DirectiveRule {
    private init(
        supported path: String, _ form: Form, _ forms: String, _ standard: ShownValue, _ summary: String,
        _ effect: Effect, isRepeatable: Bool = false, isSecret: Bool = false
    ) {
        self.path = path
        self.form = form
        self.forms = forms
        self.standard = standard
        self.summary = summary
        support = .supported
        self.isRepeatable = isRepeatable
        self.isSecret = isSecret
        self.effect = effect
    }

    /// One that sets a field.
    init<Value>(
        _ path: String, _ field: any WritableKeyPath<OriginConfiguration, Value> & Sendable, _ kind: ValueKind<Value>,
        _ summary: String
    ) {
        self.init(
            supported: path, .value, kind.forms, kind.show(OriginConfiguration()[keyPath: field]), summary,
            .server { (texts, configuration) throws(InvalidValue) in
                configuration[keyPath: field] = try kind.parse(texts[0])
                return nil
            }, isSecret: kind.isSecret)
    }

    /// One that sets a field of a virtual host.
    init<Value>(
        host path: String, _ field: any WritableKeyPath<OriginVirtualHost, Value> & Sendable, _ kind: ValueKind<Value>,
        _ summary: String
    ) {
        self.init(
            supported: path, .value, kind.forms, kind.show(OriginVirtualHost()[keyPath: field]), summary,
            .virtualHost { (texts, host) throws(InvalidValue) in
                host[keyPath: field] = try kind.parse(texts[0])
                return nil
            })
    }

    /// One that sets a list.
    init<Value: Sendable>(
        list path: String, _ field: any WritableKeyPath<OriginConfiguration, [Value]> & Sendable,
        _ kind: ValueKind<Value>, atMost maximum: Int? = nil, _ summary: String
    ) {
        let standard = OriginConfiguration()[keyPath: field].map { kind.show($0).description }
        self.init(
            supported: path, .values, "one or more: \(kind.forms)",
            standard.isEmpty ? .words("none") : .text(standard.joined(separator: " ")), summary,
            .server { (texts, configuration) throws(InvalidValue) in
                if let maximum, texts.count > maximum {
                    throw .parts(["has more than \(maximum) values"])
                }
                var values: [Value] = []
                var complaints: [String] = []
                for text in texts {
                    do throws(InvalidValue) {
                        values.append(try kind.parse(text))
                    } catch {
                        complaints += error.complaints(about: text, isSecret: false)
                    }
                }
                guard complaints.isEmpty else { throw .parts(complaints) }
                configuration[keyPath: field] = values
                return nil
            })
    }

    /// One of which there is only one value that this program can follow; `remark` is for the others.
    init<Value>(
        remarked path: String, _ kind: ValueKind<Value>, standard: ShownValue, _ summary: String,
        remark: @escaping @Sendable (Value) -> String?
    ) {
        self.init(
            supported: path, .value, kind.forms, standard, summary,
            .server { (texts, _) throws(InvalidValue) in remark(try kind.parse(texts[0])) })
    }

    /// The same of a virtual host.
    init<Value>(
        hostRemarked path: String, _ kind: ValueKind<Value>, standard: ShownValue, _ summary: String,
        remark: @escaping @Sendable (Value) -> String?
    ) {
        self.init(
            supported: path, .value, kind.forms, standard, summary,
            .virtualHost { (texts, _) throws(InvalidValue) in remark(try kind.parse(texts[0])) })
    }

    /// A block of supported directives.
    init(block path: String, named what: String? = nil, _ summary: String) {
        self.init(
            supported: path, what.map { .namedBlock(what: $0) } ?? .block, "", .words("none"), summary, .none,
            isRepeatable: what != nil)
    }
}

// MARK: - Known

extension DirectiveRule {
    /// One that is known and does nothing.
    init(
        known path: String, _ form: Form, _ standard: String, _ summary: String, _ support: Support,
        isRepeatable: Bool = false
    ) {
        self.path = path
        self.form = form
        forms = ""
        self.standard = standard.isEmpty ? .words("none") : .text(standard)
        self.summary = summary
        self.support = support
        self.isRepeatable = isRepeatable
        isSecret = false
        effect = .none
    }
}
