/// Which certificate answers for a name: exact names first, then wildcards, then the default.
struct ServerNameTable: Sendable {
    private var exact: [String: Int] = [:]
    private var wildcard: [String: Int] = [:]

    /// The certificate for names that nobody claims, and for clients that send none.
    static let defaultIndex = 0

    /// Lets the certificate at `index` answer for `names`; a name that an earlier one has stays there.
    mutating func add(_ names: [String], index: Int) {
        for name in names {
            let name = name.lowercased()
            if name.hasPrefix("*.") {
                wildcard[String(name.dropFirst(2))] = wildcard[String(name.dropFirst(2))] ?? index
            } else {
                exact[name] = exact[name] ?? index
            }
        }
    }

    /// A wildcard stands for exactly one label (RFC 6125 §6.4.3).
    func index(for name: String) -> Int {
        let name = name.lowercased()
        if let index = exact[name] { return index }
        guard let dot = name.firstIndex(of: "."), dot != name.startIndex else { return Self.defaultIndex }
        return wildcard[String(name[name.index(after: dot)...])] ?? Self.defaultIndex
    }
}
