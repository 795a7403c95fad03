/// Builds the directives of one file, or goes on behind a fault to find the next one.
struct FileParser {
    /// A directive, or the wish for files in its place.
    enum Node {
        case directive(Directive)
        case block(name: String, place: SourcePlace, arguments: [Directive.Argument], nodes: [Node])
        case include(paths: [Directive.Argument])
    }

    private struct Open {
        let name: String
        let place: SourcePlace
        let arguments: [Directive.Argument]
        var nodes: [Node] = []
    }

    private(set) var nodes: [Node] = []
    private(set) var faults: [GrammarFault] = []
    /// Faults beyond those in `faults`.
    private(set) var furtherFaults = 0
    /// Directives that were seen, those of blocks counted.
    private(set) var count = 0

    private let limits: DirectiveLimits
    private var scanner: WordScanner
    private var open: [Open] = []
    private var words: [Directive.Argument] = []
    private var isAtEnd = false

    /// Reads all of `bytes`, of which `file` is the name; `maximum` is how many directives are still allowed.
    init(_ bytes: [UInt8], file: String, maximum: Int, limits: DirectiveLimits) {
        self.limits = limits
        scanner = WordScanner(bytes, file: file, maximumWordBytes: limits.maximumWordBytes)
        if bytes.count > limits.maximumFileBytes {
            stop(.fileTooLarge(maximumBytes: limits.maximumFileBytes), at: scanner.place)
        } else if let fault = TextCheck.fault(in: bytes, file: file) {
            stop(fault.kind, at: fault.place)
        }
        while !isAtEnd {
            do throws(GrammarFault) {
                let (token, place) = try scanner.next()
                take(token, at: place)
            } catch {
                fault(error.kind, at: error.place)
                // It took the rest of the file.
                if case .unclosedQuote = error.kind { isAtEnd = true }
            }
            if count > maximum { stop(.tooManyDirectives(maximum: limits.maximumDirectives), at: scanner.place) }
        }
        while !open.isEmpty { closeBlock() }
    }

    private mutating func fault(_ kind: GrammarFault.Kind, at place: SourcePlace) {
        if faults.count < limits.maximumFaults {
            faults.append(GrammarFault(kind, at: place))
        } else {
            furtherFaults += 1
        }
    }

    private mutating func stop(_ kind: GrammarFault.Kind, at place: SourcePlace) {
        fault(kind, at: place)
        isAtEnd = true
    }

    private mutating func take(_ token: WordScanner.Token, at place: SourcePlace) {
        switch token {
        case .word(let text):
            guard words.count <= limits.maximumArguments else {
                stop(.tooManyArguments(directive: words[0].text, maximum: limits.maximumArguments), at: place)
                return
            }
            words.append(Directive.Argument(text, at: place))
        case .semicolon:
            if words.isEmpty { return fault(.unnamed(mark: ";"), at: place) }
            endDirective()
        case .openBrace: openBlock(at: place)
        case .closeBrace:
            if let name = words.first {
                fault(.missingSemicolon(directive: name.text), at: place)
                endDirective()
            }
            open.isEmpty ? fault(.strayBrace, at: place) : closeBlock()
        case .end: end(at: place)
        }
    }

    private mutating func end(at place: SourcePlace) {
        isAtEnd = true
        if let name = words.first { return fault(.endOfFileInDirective(name.text), at: place) }
        // The innermost block is the one that was forgotten, or the others would be closed.
        if let last = open.last { fault(.endOfFileInBlock(last.name, openedAt: last.place.line), at: place) }
    }

    // MARK: - Directives

    private mutating func endDirective() {
        let name = words[0]
        let arguments = Array(words.dropFirst())
        words = []
        count += 1
        if name.text == "include" {
            if arguments.isEmpty { return fault(.includeWithoutFile, at: name.place) }
            return add(.include(paths: arguments))
        }
        add(.directive(Directive(name.text, at: name.place, arguments: arguments, block: nil)))
    }

    private mutating func openBlock(at place: SourcePlace) {
        guard open.count < limits.maximumBlockDepth else {
            return stop(.nestedTooDeep(maximum: limits.maximumBlockDepth), at: place)
        }
        if words.isEmpty { fault(.unnamed(mark: "{"), at: place) }
        if words.first?.text == "include" { fault(.includeWithBlock, at: place) }
        count += 1
        open.append(
            Open(
                name: words.first?.text ?? "", place: words.first?.place ?? place,
                arguments: Array(words.dropFirst())))
        words = []
    }

    private mutating func closeBlock() {
        let block = open.removeLast()
        // One without a name is reported already, and so is one that would include.
        if block.name.isEmpty || block.name == "include" { return }
        add(.block(name: block.name, place: block.place, arguments: block.arguments, nodes: block.nodes))
    }

    private mutating func add(_ node: Node) {
        if open.isEmpty {
            nodes.append(node)
        } else {
            open[open.count - 1].nodes.append(node)
        }
    }
}
