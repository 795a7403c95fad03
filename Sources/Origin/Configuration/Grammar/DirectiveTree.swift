/// The directives of a configuration file, with those of the files that it includes in their places.
///
/// It reads no file itself: it asks for each. A path is passed on as it was written, so it begins at the working
/// directory of whoever reads, which is SRS's own rule; SRS has no patterns in it either.
package struct DirectiveTree: Sendable, Equatable {
    /// Why a file cannot be had, in words.
    package struct Unreadable: Error, Equatable {
        package let reason: String

        package init(_ reason: String) { self.reason = reason }
    }

    /// In the order of the files.
    package private(set) var directives: [Directive] = []
    /// In the order in which they were met.
    package private(set) var faults: [GrammarFault] = []
    /// Faults beyond those in `faults`.
    package private(set) var furtherFaults = 0

    private struct Reading {
        let read: (String) -> Result<[UInt8], Unreadable>
        let limits: DirectiveLimits
        /// The files that are being read, from the first to the one that stands now.
        var chain: [String] = []
        var files = 0
        var directives = 0
    }

    /// Reads a text that is no file but is called `name` in messages.
    package init(
        text: [UInt8], name: String, limits: DirectiveLimits = DirectiveLimits(),
        read: @escaping (String) -> Result<[UInt8], Unreadable>
    ) {
        var reading = Reading(read: read, limits: limits)
        directives = parse(text, named: name, &reading)
    }

    /// Reads the file at `path`.
    package init(
        path: String, limits: DirectiveLimits = DirectiveLimits(),
        read: @escaping (String) -> Result<[UInt8], Unreadable>
    ) {
        var reading = Reading(read: read, limits: limits)
        switch read(path) {
        case .success(let bytes): directives = parse(bytes, named: path, &reading)
        case .failure(let error):
            let start = SourcePlace(file: path, line: 1, column: 1)
            report(GrammarFault(.unreadable(path: path, reason: error.reason), at: start), limits)
        }
    }

    private mutating func parse(_ bytes: [UInt8], named name: String, _ reading: inout Reading) -> [Directive] {
        reading.chain.append(name)
        defer { reading.chain.removeLast() }
        let parser = FileParser(
            bytes, file: name, maximum: reading.limits.maximumDirectives - reading.directives, limits: reading.limits)
        reading.directives += parser.count
        for fault in parser.faults { report(fault, reading.limits) }
        furtherFaults += parser.furtherFaults
        return expand(parser.nodes, &reading)
    }

    private mutating func expand(_ nodes: [FileParser.Node], _ reading: inout Reading) -> [Directive] {
        var expanded: [Directive] = []
        for node in nodes {
            switch node {
            case .directive(let directive): expanded.append(directive)
            case .block(let name, let place, let arguments, let nodes):
                expanded.append(Directive(name, at: place, arguments: arguments, block: expand(nodes, &reading)))
            case .include(let paths):
                for path in paths { expanded += include(path, &reading) }
            }
        }
        return expanded
    }

    private mutating func include(_ path: Directive.Argument, _ reading: inout Reading) -> [Directive] {
        let limits = reading.limits
        reading.files += 1
        // Told once: every further file would be the same fault.
        guard reading.files <= limits.maximumFiles else {
            if reading.files == limits.maximumFiles + 1 {
                report(GrammarFault(.tooManyFiles(maximum: limits.maximumFiles), at: path.place), limits)
            }
            return []
        }
        let fault: GrammarFault.Kind
        if reading.chain.contains(where: { Self.isSamePath($0, path.text) }) {
            fault = .includesItself(chain: reading.chain + [path.text])
        } else if reading.chain.count >= limits.maximumIncludeDepth {
            fault = .includedTooDeep(maximum: limits.maximumIncludeDepth)
        } else {
            switch reading.read(path.text) {
            case .success(let bytes): return parse(bytes, named: path.text, &reading)
            case .failure(let error): fault = .unreadable(path: path.text, reason: error.reason)
            }
        }
        report(GrammarFault(fault, at: path.place), limits)
        return []
    }

    private mutating func report(_ fault: GrammarFault, _ limits: DirectiveLimits) {
        if faults.count < limits.maximumFaults {
            faults.append(fault)
        } else {
            furtherFaults += 1
        }
    }

    /// Whether two spellings are one path as far as text can tell; a link would be caught by the depth.
    private static func isSamePath(_ first: String, _ second: String) -> Bool { normal(first) == normal(second) }

    private static func normal(_ path: String) -> [Substring] {
        let segments = path.split(separator: "/").filter { $0 != "." }
        return path.hasPrefix("/") ? [""] + segments : segments
    }
}
