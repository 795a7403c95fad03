/// An option of a program; `Meaning` is what the program takes it for.
package struct CommandLineOption<Meaning: Sendable>: Sendable {
    /// Every spelling; the first is what messages call it.
    package let names: [String]
    /// What its argument is called; nil where it takes none.
    package let argument: String?
    package let summary: String
    package let meaning: Meaning

    package init(_ names: String..., argument: String? = nil, summary: String, meaning: Meaning) {
        self.names = names
        self.argument = argument
        self.summary = summary
        self.meaning = meaning
    }

    package var name: String { names[0] }

    /// As help and reference show it.
    package var usage: String {
        let spellings = names.joined(separator: ", ")
        return argument.map { "\(spellings) \($0)" } ?? spellings
    }
}
