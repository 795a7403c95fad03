/// The grammar of SRS's configuration, read slowly: one rule after the other over an array of characters. `include` is
/// a directive like any other here.
struct NaiveConfiguration {
    struct Node: Equatable {
        var words: [String]
        var block: [Node]?
    }

    struct Malformed: Error {}

    private let text: [Unicode.Scalar]
    private var position = 0

    /// The directives; nil where anything is wrong.
    static func read(_ text: String) -> [Node]? {
        var scalars = Array(text.unicodeScalars)
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        var reader = NaiveConfiguration(text: scalars)
        return try? reader.directives(isBlock: false)
    }

    private init(text: [Unicode.Scalar]) { self.text = text }

    private var here: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { [" ", "\t", "\r", "\n"].contains(scalar) }

    private mutating func skip() {
        while let scalar = here {
            if scalar == "#" {
                while let scalar = here, scalar != "\n" {
                    _ = scalar
                    position += 1
                }
            } else if Self.isBlank(scalar) {
                position += 1
            } else {
                break
            }
        }
    }

    private mutating func directives(isBlock: Bool) throws -> [Node] {
        var nodes: [Node] = []
        while true {
            skip()
            guard let scalar = here else {
                if isBlock { throw Malformed() }
                return nodes
            }
            if scalar == "}" {
                guard isBlock else { throw Malformed() }
                position += 1
                return nodes
            }
            // Nothing but empty quotes is nothing at all.
            if let node = try directive() { nodes.append(node) }
        }
    }

    private mutating func directive() throws -> Node? {
        var words: [String] = []
        while true {
            skip()
            guard let scalar = here else {
                if words.isEmpty { return nil }
                throw Malformed()
            }
            switch scalar {
            case ";":
                guard !words.isEmpty else { throw Malformed() }
                position += 1
                return Node(words: words)
            case "{":
                guard !words.isEmpty else { throw Malformed() }
                position += 1
                return Node(words: words, block: try directives(isBlock: true))
            case "}":
                if words.isEmpty { return nil }
                throw Malformed()
            case "\"", "'": words += try quoted(by: scalar)
            default: words.append(bare())
            }
        }
    }

    private mutating func bare() -> String {
        var word = String.UnicodeScalarView()
        while let scalar = here, !Self.isBlank(scalar), scalar != ";", scalar != "{" {
            word.append(scalar)
            position += 1
        }
        return String(word)
    }

    private mutating func quoted(by mark: Unicode.Scalar) throws -> [String] {
        var word = String.UnicodeScalarView()
        position += 1
        while let scalar = here, scalar != mark {
            word.append(scalar)
            position += 1
        }
        guard here != nil else { throw Malformed() }
        position += 1
        if let scalar = here, !Self.isBlank(scalar), scalar != ";", scalar != "{" { throw Malformed() }
        return word.isEmpty ? [] : [String(word)]
    }
}
