import Service

/// What is wrong with the text of a configuration, and where.
package struct GrammarFault: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        case notUTF8
        case controlCharacter
        case unclosedQuote(mark: Character)
        case textAfterQuote
        /// A `;` or `{` with nothing before it.
        case unnamed(mark: Character)
        case strayBrace
        case missingSemicolon(directive: String)
        case endOfFileInDirective(String)
        case endOfFileInBlock(String, openedAt: Int)
        case includeWithoutFile
        case includeWithBlock
        case unreadable(path: String, reason: String)
        case includesItself(chain: [String])

        case fileTooLarge(maximumBytes: Int)
        case tooManyFiles(maximum: Int)
        case includedTooDeep(maximum: Int)
        case nestedTooDeep(maximum: Int)
        case tooManyDirectives(maximum: Int)
        case tooManyArguments(directive: String, maximum: Int)
        case wordTooLong(maximumBytes: Int)
    }

    package let place: SourcePlace
    package let kind: Kind

    package init(_ kind: Kind, at place: SourcePlace) {
        self.kind = kind
        self.place = place
    }

    package var description: String { "\(place): \(kind)" }
}

extension GrammarFault.Kind: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notUTF8: "the file is not UTF-8"
        case .controlCharacter: "a control character other than a tab or the end of a line"
        case .unclosedQuote(let mark): "expected \(mark) to close the quote, the file ends before it"
        case .textAfterQuote: #"expected a blank, ";" or "{" after the closing quote"#
        case .unnamed(let mark): #"unexpected "\#(mark)": a directive begins with its name"#
        case .strayBrace: #"unexpected "}": no block is open"#
        case .missingSemicolon(let directive): #"expected ";" to end "\#(shown(directive))", found "}""#
        case .endOfFileInDirective(let directive): #"expected ";" or "{" after "\#(shown(directive))", the file ends"#
        case .endOfFileInBlock(let directive, let line):
            #"expected "}" to close the block of "\#(shown(directive))" from line \#(line), the file ends"#
        case .includeWithoutFile: "include: expected the path of a file"
        case .includeWithBlock: #"include: expected ";" after the paths, found "{""#
        case .unreadable(let path, let reason): "cannot read \(quoted(path)): \(reason)"
        case .includesItself(let chain): "a file includes itself: \(chain.map(shown).joined(separator: " > "))"
        case .fileTooLarge(let maximum): "the file is larger than \(maximum) bytes"
        case .tooManyFiles(let maximum): "more than \(maximum) files are included"
        case .includedTooDeep(let maximum): "more than \(maximum) files include each other in a chain"
        case .nestedTooDeep(let maximum): "more than \(maximum) blocks stand in each other"
        case .tooManyDirectives(let maximum): "there are more than \(maximum) directives"
        case .tooManyArguments(let directive, let maximum):
            #""\#(shown(directive))" has more than \#(maximum) arguments; is a ";" missing?"#
        case .wordTooLong(let maximum): "a word is longer than \(maximum) bytes"
        }
    }

    /// A word from a file, short and printable.
    private func shown(_ word: String) -> String { String(quoted(word).dropFirst().dropLast()) }
}
