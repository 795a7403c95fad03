import Origin
package import TestKit

/// What must hold of every configuration whatever: the text is read as a slow reader reads it, what is read can be
/// written so that the same is read again, each directive stands where it says, and nothing traps.
package func checkConfiguration(_ bytes: [UInt8]) throws(BrokenInvariant) {
    let absent: (String) -> Result<[UInt8], DirectiveTree.Unreadable> = { _ in .failure(.init("is not there")) }
    let tree = DirectiveTree(text: bytes, name: "a.conf", read: absent)
    try compare(tree, with: bytes)
    if tree.faults.isEmpty {
        let written = tree.directives.map(text).joined()
        let again = DirectiveTree(text: Array(written.utf8), name: "a.conf", read: absent)
        guard again.faults.isEmpty, again.directives.map(node) == tree.directives.map(node) else {
            throw BrokenInvariant("\(tree.directives) became \(again.directives), \(again.faults)")
        }
        try checkPlaces(tree.directives, in: String(decoding: bytes, as: UTF8.self))
    }
    try checkMeaning(bytes)
}

private func compare(_ tree: DirectiveTree, with bytes: [UInt8]) throws(BrokenInvariant) {
    // What the bounds refuse, the slow reader takes.
    for fault in tree.faults {
        switch fault.kind {
        case .notUTF8, .controlCharacter, .fileTooLarge, .nestedTooDeep, .tooManyDirectives, .tooManyArguments,
            .wordTooLong:
            return
        default: continue
        }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let naive = NaiveConfiguration.read(text) else {
        guard tree.faults.isEmpty else { return }
        throw BrokenInvariant("no fault is found in \(text.debugDescription)")
    }
    if naive.contains(where: includes) { return }
    guard tree.faults.isEmpty else { throw BrokenInvariant("faults without reason: \(tree.faults)") }
    guard naive == tree.directives.map(node) else {
        throw BrokenInvariant("\(tree.directives) is read as \(naive) by the slow reader")
    }
}

private func includes(_ node: NaiveConfiguration.Node) -> Bool {
    node.words[0] == "include" || node.block?.contains(where: includes) == true
}

private func node(_ directive: Directive) -> NaiveConfiguration.Node {
    NaiveConfiguration.Node(
        words: [directive.name] + directive.arguments.map(\.text), block: directive.block?.map(node))
}

// MARK: - Writing

private func text(_ directive: Directive) -> String {
    let words = ([directive.name] + directive.arguments.map(\.text)).map(word).joined(separator: " ")
    guard let block = directive.block else { return words + ";\n" }
    return "\(words) {\n\(block.map(text).joined())}\n"
}

/// A word is what stood between quotes of one kind, or was plain: one of the three holds it.
private func word(_ text: String) -> String {
    if !text.unicodeScalars.contains("\"") { return "\"\(text)\"" }
    return text.unicodeScalars.contains("'") ? text : "'\(text)'"
}

// MARK: - Places

private func checkPlaces(_ directives: [Directive], in text: String) throws(BrokenInvariant) {
    var scalars = Array(text.unicodeScalars)
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    let lines = scalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    try checkPlaces(directives, lines)
}

private func checkPlaces(_ directives: [Directive], _ lines: [[Unicode.Scalar]]) throws(BrokenInvariant) {
    for directive in directives {
        let words = [(directive.name, directive.place)] + directive.arguments.map { ($0.text, $0.place) }
        for (word, place) in words {
            let found = lines[place.line - 1][place.column - 1]
            guard found == word.unicodeScalars.first || found == "\"" || found == "'" else {
                throw BrokenInvariant("\(word) does not stand at \(place)")
            }
        }
        try checkPlaces(directive.block ?? [], lines)
    }
}

// MARK: - Meaning

private func checkMeaning(_ bytes: [UInt8]) throws(BrokenInvariant) {
    // A file that includes itself, once more by each name.
    let read: (String) -> Result<[UInt8], DirectiveTree.Unreadable> = { _ in .success(bytes) }
    let text = String(decoding: bytes, as: UTF8.self)
    var environment: [String: String] = [:]
    let variables = [
        "SRS_LISTEN", "SRS_HTTP_SERVER_LISTEN", "SRS_HEARTBEAT_URL", "SRS_HEARTBEAT_INTERVAL", "SRS_VHOST_CHUNK_SIZE",
        "SRS_VHOST_HTTP_REMUX_MOUNT", "SRS_VHOST_PLAY_QUEUE_LENGTH",
    ]
    for (name, value) in zip(variables, text.split(separator: "\n")) { environment[name] = String(value) }
    for source in [OriginConfigurationSource.file("a.conf"), .environmentOnly] {
        guard let checked = try? OriginConfiguration.parse(source, environment: environment, read: read) else {
            continue
        }
        let hosts = checked.configuration.virtualHosts
        guard Set(hosts.map(\.name)).count == hosts.count else { throw BrokenInvariant("a host is there twice") }
        guard !checked.configuration.rtmp.listeners.isEmpty else { throw BrokenInvariant("RTMP listens nowhere") }
    }
}
