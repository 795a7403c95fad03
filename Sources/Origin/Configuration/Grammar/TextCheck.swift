/// Finds what cannot be text of a configuration.
enum TextCheck {
    /// The first byte that is a control character or not UTF-8; nil where all is well.
    static func fault(in bytes: [UInt8], file: String) -> GrammarFault? {
        var line = 1
        var isFirst = true
        var column = 1
        var decoder = UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        while true {
            let place = SourcePlace(file: file, line: line, column: column)
            switch decoder.parseScalar(from: &rest) {
            case .emptyInput: return nil
            case .error: return GrammarFault(.notUTF8, at: place)
            case .valid(let encoded):
                let scalar = UTF8.decode(encoded)
                switch scalar {
                case "\n":
                    line += 1
                    column = 1
                case "\t", "\r": column += 1
                // The mark that begins a file is no character of it.
                case "\u{FEFF}" where isFirst: break
                default:
                    if scalar.properties.generalCategory == .control {
                        return GrammarFault(.controlCharacter, at: place)
                    }
                    column += 1
                }
                isFirst = false
            }
        }
    }
}
