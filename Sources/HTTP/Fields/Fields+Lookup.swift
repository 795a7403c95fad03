import Bytes

extension Fields {
    /// The value of the first field with this name.
    package subscript(name: FieldName) -> RawSpan? {
        @_lifetime(borrow self)
        get {
            for position in entries.indices where entries[position].name == name { return value(at: position) }
            return nil
        }
    }

    /// The value of the first field called `name`, known or not.
    @_lifetime(borrow self)
    package func value(named name: RawSpan) -> RawSpan? {
        for position in entries.indices where self.name(at: position).equalsIgnoringCase(name) {
            return value(at: position)
        }
        return nil
    }

    @_lifetime(borrow self)
    package func value(named name: StaticString) -> RawSpan? { value(named: name.rawSpan) }

    /// The first value as text, invalid UTF-8 repaired.
    package func string(_ name: FieldName) -> String? {
        guard let value = self[name] else { return nil }
        return String(copying: value)
    }

    package func contains(_ name: FieldName) -> Bool { entries.contains { $0.name == name } }

    package func count(of name: FieldName) -> Int {
        entries.reduce(0) { $0 + ($1.name == name ? 1 : 0) }
    }
}

// MARK: - By position

extension Fields {
    /// The name of the field at `position`, one of `0..<count`, as it was written.
    @_lifetime(borrow self)
    package func name(at position: Int) -> RawSpan { bytes.rawSpan.extracting(entries[position].nameRange) }

    /// The known name of the field at `position`.
    package func knownName(at position: Int) -> FieldName? { entries[position].name }

    /// The value of the field at `position`, without the space around it.
    @_lifetime(borrow self)
    package func value(at position: Int) -> RawSpan { bytes.rawSpan.extracting(entries[position].valueRange) }
}

// MARK: - Lists

extension Fields {
    /// Whether any field with this name lists `token` among its comma-separated members, in any case.
    ///
    /// Parameters after `;` are not looked at: this is for `Connection`, `Upgrade`, `Vary` and their like.
    package func lists(_ token: StaticString, in name: FieldName) -> Bool { lists(token.rawSpan, in: name) }

    package func lists(_ token: RawSpan, in name: FieldName) -> Bool {
        for position in entries.indices where entries[position].name == name {
            var members = ListCursor(value(at: position))
            while let member = members.next() {
                if member.equalsIgnoringCase(token) { return true }
            }
        }
        return false
    }

    /// Whether the field at `position` concerns only this connection: by its name, or because `Connection` lists it
    /// (RFC 9110 §7.6.1). A forwarder leaves those out.
    package func isHopByHop(at position: Int) -> Bool {
        if let known = entries[position].name, known.isHopByHop { return true }
        return lists(name(at: position), in: .connection)
    }
}
