import Reactor
package import Service

/// One variable: its name, the field of the configuration that it sets, and how its values are written.
package struct Variable: Sendable {
    package enum Effect: Sendable {
        case inForce
        /// Read and checked, for files of operators hold it already, but nothing in this version asks for it.
        case none
    }

    package enum Transport: String, Sendable {
        case tcp = "TCP"
        case udp = "UDP"
    }

    package let name: String
    /// What it sets, in one sentence.
    package let summary: String
    package let effect: Effect
    package let isSecret: Bool
    /// The accepted values, in words.
    package let forms: String
    /// What the address that it sets is listened on with; empty for other variables.
    package let transports: [Transport]

    /// Reads a value into its field.
    let set: @Sendable (String, inout ProxyConfiguration) throws(InvalidValue) -> Void
    /// What its field holds.
    let shown: @Sendable (ProxyConfiguration) -> ShownValue
    /// The address that its field holds; nil where it holds none.
    let address: @Sendable (ProxyConfiguration) -> SocketAddress?

    init<Value>(
        _ name: String, _ field: any WritableKeyPath<ProxyConfiguration, Value> & Sendable, _ kind: ValueKind<Value>,
        _ summary: String, on transports: [Transport] = [], effect: Effect = .inForce
    ) {
        self.name = name
        self.summary = summary
        self.effect = effect
        self.transports = transports
        isSecret = kind.isSecret
        forms = kind.forms
        set = { (text, configuration) throws(InvalidValue) in configuration[keyPath: field] = try kind.parse(text) }
        shown = { kind.show($0[keyPath: field]) }
        address = { $0[keyPath: field] as? SocketAddress }
    }

    /// What holds where it is unset or empty.
    package var standard: ShownValue { shown(ProxyConfiguration()) }
}

/// Variables that belong together: a section of the reference.
package struct VariableGroup: Sendable {
    package let title: String
    package let variables: [Variable]
}
