import Service

/// A configuration being read: what holds so far, what is wrong so far.
struct OriginConfigurationReading {
    var configuration = OriginConfiguration()
    var mistakes: [ConfigurationMistake] = []
    var warnings: [ConfigurationWarning] = []

    /// Mistakes beyond which no name that was meant is looked for, which is work.
    private static let maximumSuggestions = 100
    /// Blocks that are named to who has put a directive into another one.
    private static let maximumHomes = 3

    /// Whether there is text in the files that is no configuration.
    private(set) var hasFaults = false

    /// By path, who set a directive of the server: a place in a file, or a variable. Messages on rules begin with it.
    private(set) var givenBy: [String: String] = [:]
    /// Paths whose value is not valid: rules between directives leave these out.
    private(set) var invalid: Set<String> = []

    // MARK: - Files

    mutating func take(_ tree: DirectiveTree) {
        hasFaults = !tree.faults.isEmpty
        for fault in tree.faults { mistakes.append(ConfigurationMistake("\(fault.place)", "\(fault.kind)")) }
        if tree.furtherFaults > 0, let file = tree.faults.first?.place.file {
            mistakes.append(ConfigurationMistake(file, "\(tree.furtherFaults) more faults"))
        }
        take(tree.directives, in: Scope())
    }

    /// The block that directives stand in.
    private struct Scope {
        /// Of the block; empty for the root.
        var path = ""
        /// Index of the virtual host; nil outside of any.
        var host: Int?
        /// Whether directives are only looked at for what nobody knows: they stand in a block that has no effect.
        var isWithoutEffect = false
    }

    private mutating func take(_ directives: [Directive], in scope: Scope) {
        var seen: [String: SourcePlace] = [:]
        for directive in directives {
            guard let rule = rule(for: directive, in: scope) else { continue }
            // Hosts are told apart by their names.
            let key = rule.path == "vhost" ? "vhost \(directive.arguments.first?.text.lowercased() ?? "")" : rule.path
            if let first = seen[key], rule.path == "vhost" || !rule.isRepeatable {
                warn(directive.place, "\(key) is given already, at \(first), which holds")
                continue
            }
            seen[key] = directive.place
            take(directive, rule, in: scope)
        }
    }

    private mutating func take(_ directive: Directive, _ rule: DirectiveRule, in scope: Scope) {
        var scope = scope
        switch rule.support {
        case .supported:
            guard !scope.isWithoutEffect, hasRightForm(directive, rule) else { break }
            if rule.path == "vhost" {
                scope.host = configuration.virtualHosts.count
                configuration.virtualHosts.append(OriginVirtualHost(name: directive.arguments[0].text))
            }
            apply(directive, rule, scope.host)
        case .notYet, .notYetGuarding, .meaningless:
            if !scope.isWithoutEffect { warnOfNoEffect(directive, rule) }
            scope.isWithoutEffect = true
        }
        guard let block = directive.block, rule.form != .value, rule.form != .values else { return }
        if rule.form == .anything, DirectiveTable.names[rule.path] == nil { return }
        scope.path = rule.path
        take(block, in: scope)
    }

    // MARK: - Names

    /// What is known of the directive; a mistake where that is nothing.
    private mutating func rule(for directive: Directive, in scope: Scope) -> DirectiveRule? {
        let path = scope.path.isEmpty ? directive.name : "\(scope.path).\(directive.name)"
        if let rule = DirectiveTable.rules[path] { return rule }
        if let name = DirectiveTable.namesOfVersion7[path] { return DirectiveTable.rules[name] }
        if let name = DirectiveTable.newNames[path] {
            warn(directive.place, "\(path) is called \(name) now")
            return DirectiveTable.rules[name]
        }
        let place = scope.path.isEmpty ? "" : " in \(scope.path)"
        let hint = hint(for: directive.name, in: scope.path).map { "; \($0)" } ?? ""
        mistakes.append(mistake(directive.place, "\(quoted(directive.name)) is not known\(place)\(hint)"))
        return nil
    }

    /// What was meant by a name that is not known in the block at `path`; nil where there are too many of them to look.
    private func hint(for name: String, in path: String) -> String? {
        if let homes = DirectiveTable.homes[name] {
            let places = homes.prefix(Self.maximumHomes).map { $0.isEmpty ? "outside of any block" : "in \($0)" }
            let others = homes.count > places.count ? " or elsewhere" : ""
            return "it stands \(places.joined(separator: ", "))\(others)"
        }
        guard mistakes.count < Self.maximumSuggestions else { return nil }
        let siblings = DirectiveTable.names[path] ?? []
        let older = DirectiveTable.olderNames[path] ?? []
        if let meant = NearestName.of(name, among: siblings + older, prefix: "") { return "did you mean \(meant)?" }
        if let meant = NearestName.of(name, among: DirectiveTable.allNames, prefix: ""),
            let home = DirectiveTable.homes[meant]?.first
        {
            return "did you mean \(meant) \(home.isEmpty ? "outside of any block" : "in \(home)")?"
        }
        return NearestName.closest(to: name, among: siblings).map { "the nearest name there is \($0)" }
    }

    private mutating func warnOfNoEffect(_ directive: Directive, _ rule: DirectiveRule) {
        if isAsHere(directive, rule) { return }
        if case .meaningless(let reason) = rule.support {
            return warn(directive.place, "\(rule.path) has no meaning here: \(reason)")
        }
        let isGuard = rule.support == .notYetGuarding
        warn(
            directive.place, "\(rule.path) is not supported yet\(isGuard ? ", so nobody is kept out by it" : "")")
    }

    /// Whether what it asks for is what holds anyhow: it is switched off, or says what SRS's default is.
    private func isAsHere(_ directive: Directive, _ rule: DirectiveRule) -> Bool {
        if rule.hasVariable {
            let value = directive.arguments.map(\.text).joined(separator: " ")
            return value == "off" || rule.standard == .text(value)
        }
        guard directive.block != nil, let enabled = DirectiveTable.rules["\(rule.path).enabled"] else { return false }
        return (directive.child("enabled")?.arguments.first?.text ?? "\(enabled.standard)") == "off"
    }

    // MARK: - Values

    private mutating func hasRightForm(_ directive: Directive, _ rule: DirectiveRule) -> Bool {
        let count = directive.arguments.count
        var complaint: String?
        switch rule.form {
        case .value, .values:
            if directive.block != nil {
                complaint = "takes no block"
            } else if count == 0 {
                complaint = "needs a value: \(rule.forms)"
            } else if rule.form == .value, count > 1 {
                complaint = "takes one value, \(quoted(directive.arguments[1].text)) is one too many"
            }
        case .block:
            if count > 0 {
                complaint = "takes no value, \(quoted(directive.arguments[0].text)) is one too many"
            } else if directive.block == nil {
                complaint = "needs a block: \(rule.name) { … }"
            }
        case .namedBlock(let what):
            if count != 1 || directive.block == nil { complaint = "is written \(rule.name) \(what) { … }" }
        case .anything: break
        }
        guard var complaint else { return true }
        // A forgotten semicolon makes the next line values of this one.
        if directive.arguments.contains(where: { $0.place.line != directive.place.line }) {
            complaint += "; is a \";\" missing in line \(directive.place.line)?"
        }
        report(rule, complaint, at: directive.place)
        return false
    }

    private mutating func apply(_ directive: Directive, _ rule: DirectiveRule, _ host: Int?) {
        do throws(InvalidValue) {
            let remark = try set(rule, directive.arguments.map(\.text), host)
            givenBy[rule.path] = "\(directive.place): \(rule.path)"
            if let remark { warn(directive.place, "\(rule.path): \(remark)") }
        } catch {
            let value = directive.arguments.map(\.text).joined(separator: " ")
            let place = directive.arguments.first?.place ?? directive.place
            for complaint in error.complaints(about: value, isSecret: rule.isSecret) {
                report(rule, complaint, at: place)
            }
        }
    }

    private mutating func set(
        _ rule: DirectiveRule, _ texts: [String], _ host: Int?
    ) throws(InvalidValue) -> String? {
        switch rule.effect {
        case .none: return nil
        case .server(let set): return try set(texts, &configuration)
        case .virtualHost(let set):
            guard let host else { return nil }
            return try set(texts, &configuration.virtualHosts[host])
        }
    }

    // MARK: - Variables

    /// Variables override files, those of a virtual host in all of them.
    mutating func take(_ environment: [String: String]) {
        let own = environment.keys.filter { $0.hasPrefix(DirectiveTable.prefix) }.sorted()
        for name in own where !OriginConfigurationSource.variables.contains(name) {
            guard let rule = DirectiveTable.variables[name] else {
                let nearest = NearestName.of(
                    name, among: DirectiveTable.variableNames, prefix: DirectiveTable.prefix)
                warnings.append(ConfigurationWarning(unknown: name, nearest: nearest))
                continue
            }
            guard let text = environment[name], !text.isEmpty else { continue }
            take(rule, text, from: name)
        }
    }

    private mutating func take(_ rule: DirectiveRule, _ text: String, from variable: String) {
        switch rule.support {
        case .supported: break
        case .notYet, .notYetGuarding:
            if text == "off" || rule.standard == .text(text) { return }
            return warnings.append(ConfigurationWarning("\(variable) is not supported yet"))
        case .meaningless(let reason):
            if text == "off" || rule.standard == .text(text) { return }
            return warnings.append(ConfigurationWarning("\(variable) has no meaning here: \(reason)"))
        }
        let texts = rule.form == .values ? text.split(separator: " ").map(String.init) : [text]
        guard !texts.isEmpty else { return }
        do throws(InvalidValue) {
            var remark: String?
            switch rule.effect {
            case .none, .server: remark = try set(rule, texts, nil)
            case .virtualHost(let set):
                // Checked even if there is no host.
                var host = OriginVirtualHost()
                remark = try set(texts, &host)
                for index in configuration.virtualHosts.indices {
                    _ = try set(texts, &configuration.virtualHosts[index])
                }
            }
            givenBy[rule.path] = variable
            invalid.remove(rule.path)
            if let remark { warnings.append(ConfigurationWarning("\(variable): \(remark)")) }
        } catch {
            invalid.insert(rule.path)
            for complaint in error.complaints(about: text, isSecret: rule.isSecret) {
                mistakes.append(ConfigurationMistake(variable, complaint))
            }
        }
    }

    // MARK: - Messages

    private mutating func report(_ rule: DirectiveRule, _ complaint: String, at place: SourcePlace) {
        invalid.insert(rule.path)
        mistakes.append(mistake(place, "\(rule.path): \(complaint)"))
    }

    private func mistake(_ place: SourcePlace, _ complaint: String) -> ConfigurationMistake {
        ConfigurationMistake("\(place)", complaint)
    }

    private mutating func warn(_ place: SourcePlace, _ text: String) {
        warnings.append(ConfigurationWarning("\(place): \(text)"))
    }
}
