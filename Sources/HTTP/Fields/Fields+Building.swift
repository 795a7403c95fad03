import Bytes

extension Fields {
    /// Adds a field; the value is checked, so it may come from anywhere.
    package mutating func append(_ name: FieldName, _ value: RawSpan) throws(FieldError) {
        try append(name.text.rawSpan, known: name, value)
    }

    package mutating func append(_ name: FieldName, text value: String) throws(FieldError) {
        try value.withRawSpan { value throws(FieldError) in try append(name, value) }
    }

    /// Adds a field whose name has no case in `FieldName`, or is not known to have one.
    package mutating func append(named name: RawSpan, _ value: RawSpan) throws(FieldError) {
        guard name.byteCount <= UInt16.max, CharacterSet.token.matches(name) else { throw .invalidName }
        try append(name, known: FieldName(name), value)
    }

    package mutating func append(named name: String, _ value: String) throws(FieldError) {
        try name.withRawSpan { name throws(FieldError) in
            try value.withRawSpan { value throws(FieldError) in try append(named: name, value) }
        }
    }

    private mutating func append(_ name: RawSpan, known: FieldName?, _ value: RawSpan) throws(FieldError) {
        let value = value.trimmed
        try check(name, value)
        addLine(name, known: known, value)
    }

    private func check(_ name: RawSpan, _ value: RawSpan, replacing replaced: Int = 0) throws(FieldError) {
        guard Self.isValid(value) else { throw .invalidValue }
        guard count - replaced < limits.maximumCount else { throw .tooMany(maximum: limits.maximumCount) }
        guard bytes.count + name.byteCount + value.byteCount + 4 <= limits.maximumBytes else {
            throw .tooLarge(maximum: limits.maximumBytes)
        }
    }

    private mutating func addLine(_ name: RawSpan, known: FieldName?, _ value: RawSpan) {
        let start = bytes.count
        addBytes(name)
        addByte(UInt8(ascii: ":"))
        addByte(UInt8(ascii: " "))
        let valueStart = bytes.count
        addBytes(value)
        addByte(UInt8(ascii: "\r"))
        addByte(UInt8(ascii: "\n"))
        add(
            Entry(
                start: UInt32(start), valueStart: UInt32(valueStart), valueLength: UInt32(value.byteCount),
                nameLength: UInt16(name.byteCount), name: known))
    }

    /// Whether `value` may stand in a field: no control characters but tabs (RFC 9110 §5.5).
    package static func isValid(_ value: RawSpan) -> Bool {
        var position = 0
        while let control = value.firstControl(from: position) {
            guard value[control] == UInt8(ascii: "\t") else { return false }
            position = control + 1
        }
        return true
    }
}

// MARK: - What the program itself says

extension Fields {
    /// Adds a field whose value is known when the program is compiled; a wrong one is a programmer's mistake and traps.
    ///
    /// The limits are not looked at here: a program bounds what it says itself.
    package mutating func append(_ name: FieldName, _ value: StaticString) {
        precondition(Self.isValid(value.rawSpan), "a literal field value has no control characters")
        addLine(name.text.rawSpan, known: name, value.rawSpan)
    }

    package mutating func append(_ name: FieldName, decimal value: Int) {
        let start = bytes.count
        addBytes(name.text.rawSpan)
        addByte(UInt8(ascii: ":"))
        addByte(UInt8(ascii: " "))
        let valueStart = bytes.count
        addDecimal(value)
        let valueLength = bytes.count - valueStart
        addByte(UInt8(ascii: "\r"))
        addByte(UInt8(ascii: "\n"))
        add(
            Entry(
                start: UInt32(start), valueStart: UInt32(valueStart), valueLength: UInt32(valueLength),
                nameLength: UInt16(name.text.utf8CodeUnitCount), name: name))
    }

    private mutating func addDecimal(_ value: Int) {
        if value < 0 { addByte(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var divisor: UInt = 1
        while rest / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            addByte(UInt8(ascii: "0") + UInt8(rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }
}

// MARK: - Replacing and removing

extension Fields {
    /// Removes every field with this name.
    package mutating func remove(_ name: FieldName) { removeEntries { $0.name == name } }

    /// Removes every field called `name`, known or not.
    package mutating func remove(named name: RawSpan) {
        var position = 0
        while position < count {
            if self.name(at: position).equalsIgnoringCase(name) {
                removeEntry(at: position)
            } else {
                position += 1
            }
        }
    }

    package mutating func remove(named name: StaticString) { remove(named: name.rawSpan) }

    /// Removes what concerns only one connection, the fields that `Connection` lists included (RFC 9110 §7.6.1).
    package mutating func removeHopByHop() {
        var position = 0
        while position < count {
            // `Connection` itself stays until all others have been compared with it.
            if knownName(at: position) != .connection, isHopByHop(at: position) {
                removeEntry(at: position)
            } else {
                position += 1
            }
        }
        remove(.connection)
    }

    /// Leaves exactly one field with this name, the last of all; where it is refused, nothing has changed.
    package mutating func set(_ name: FieldName, _ value: RawSpan) throws(FieldError) {
        let value = value.trimmed
        try check(name.text.rawSpan, value, replacing: count(of: name))
        remove(name)
        addLine(name.text.rawSpan, known: name, value)
    }

    package mutating func set(_ name: FieldName, text value: String) throws(FieldError) {
        try value.withRawSpan { value throws(FieldError) in try set(name, value) }
    }

    package mutating func set(_ name: FieldName, _ value: StaticString) {
        remove(name)
        append(name, value)
    }
}
