/// Cuts the text of one file into words and marks, as SRS does.
///
/// ```
/// word    = '"' anything but '"' '"'  |  "'" anything but "'" "'"  |  bare
/// bare    = anything up to a blank, ";" or "{", not beginning with a quote, "#" or "}"
/// mark    = ";" | "{" | "}"
/// comment = "#" anything, up to the end of the line, where a word could begin
/// ```
/// Behind a closing quote stands a blank, `;` or `{`. There are no escapes and nothing is expanded: a backslash and a
/// dollar sign stand for themselves. Quoted text may go on over lines. An empty word is none.
struct WordScanner {
    enum Token: Equatable {
        case word(String)
        case semicolon
        case openBrace
        case closeBrace
        case end
    }

    private let bytes: [UInt8]
    private let file: String
    private let maximumWordBytes: Int
    private var position: Int
    private var line = 1
    private var column = 1
    /// What is wrong behind the word that was taken last; told when the next token is asked for.
    private var late: GrammarFault?

    /// `bytes` must be UTF-8.
    init(_ bytes: [UInt8], file: String, maximumWordBytes: Int) {
        self.bytes = bytes
        self.file = file
        self.maximumWordBytes = maximumWordBytes
        // A byte order mark is no character of the text.
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Where the next token would begin, if there were no blanks.
    var place: SourcePlace { SourcePlace(file: file, line: line, column: column) }

    /// Takes the next token and the place of its first character. After a fault the scanner goes on behind it, but for
    /// an unclosed quote, which takes the rest of the file.
    mutating func next() throws(GrammarFault) -> (token: Token, place: SourcePlace) {
        while true {
            if let fault = late {
                late = nil
                throw fault
            }
            skipBlanksAndComments()
            let start = place
            guard let byte = peek else { return (.end, start) }
            switch byte {
            case UInt8(ascii: ";"): return (take(.semicolon), start)
            case UInt8(ascii: "{"): return (take(.openBrace), start)
            case UInt8(ascii: "}"): return (take(.closeBrace), start)
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                let text = try takeQuoted(by: byte, at: start)
                if !text.isEmpty { return (.word(text), start) }
            default: return (.word(try takeBare(at: start)), start)
            }
        }
    }

    // MARK: - Pieces

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func advance() {
        let byte = bytes[position]
        position += 1
        if byte == UInt8(ascii: "\n") {
            line += 1
            column = 1
        } else if byte & 0xC0 != 0x80 {
            column += 1
        }
        // A byte that continues a character moves nothing: its first byte did.
    }

    private mutating func take(_ mark: Token) -> Token {
        advance()
        return mark
    }

    private mutating func skipBlanksAndComments() {
        while let byte = peek {
            if byte == UInt8(ascii: "#") {
                while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
            } else if Self.isBlank(byte) {
                advance()
            } else {
                return
            }
        }
    }

    private mutating func takeBare(at start: SourcePlace) throws(GrammarFault) -> String {
        let first = position
        while let byte = peek, !Self.endsWord(byte) { advance() }
        return try text(first..<position, at: start)
    }

    private mutating func takeQuoted(by mark: UInt8, at start: SourcePlace) throws(GrammarFault) -> String {
        advance()
        let first = position
        while let byte = peek, byte != mark { advance() }
        guard peek != nil else {
            throw GrammarFault(.unclosedQuote(mark: Character(Unicode.Scalar(mark))), at: start)
        }
        let last = position
        advance()
        if let byte = peek, !Self.endsWord(byte) { late = GrammarFault(.textAfterQuote, at: place) }
        return try text(first..<last, at: start)
    }

    private func text(_ range: Range<Int>, at start: SourcePlace) throws(GrammarFault) -> String {
        guard range.count <= maximumWordBytes else {
            throw GrammarFault(.wordTooLong(maximumBytes: maximumWordBytes), at: start)
        }
        return String(decoding: bytes[range], as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): true
        default: false
        }
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        isBlank(byte) || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "{")
    }
}
