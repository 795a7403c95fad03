package import Bytes

extension AMF3Value {
    /// Appends the value as a message carries it; where it throws, part of it may have been written.
    ///
    /// Nothing is written as a reference, which every reader must accept.
    package func append(to output: inout ByteWriter) throws(AMFError) {
        switch self {
        case .undefined: output.u8(AMF3Marker.undefined)
        case .null: output.u8(AMF3Marker.null)
        case .boolean(let boolean): output.u8(boolean ? AMF3Marker.true : AMF3Marker.false)
        case .integer(let integer): Self.append(integer: integer, to: &output)
        case .double(let double): Self.append(double: double, to: &output)
        case .string(let text):
            output.u8(AMF3Marker.string)
            try Self.append(text, to: &output)
        case .xmlDocument(let text):
            output.u8(AMF3Marker.xmlDocument)
            try Self.append(text, to: &output)
        case .xml(let text):
            output.u8(AMF3Marker.xml)
            try Self.append(text, to: &output)
        case .date(let milliseconds):
            output.u8(AMF3Marker.date)
            try Self.append(count: 0, to: &output)
            output.u64(milliseconds.bitPattern)
        case .byteArray(let bytes):
            output.u8(AMF3Marker.byteArray)
            try Self.append(count: bytes.count, to: &output)
            output.append(bytes)
        case .array(let named, let elements):
            output.u8(AMF3Marker.array)
            try Self.append(count: elements.count, to: &output)
            try Self.append(pairs: named.pairs[...], to: &output)
            for element in elements { try element.append(to: &output) }
        case .object(let object):
            output.u8(AMF3Marker.object)
            try object.append(to: &output)
        case .vectorOfInt, .vectorOfUInt, .vectorOfDouble, .vectorOfObject: try appendVector(to: &output)
        case .dictionary(let entries, let hasWeakKeys):
            output.u8(AMF3Marker.dictionary)
            try Self.append(count: entries.count, to: &output)
            output.u8(hasWeakKeys ? 1 : 0)
            for entry in entries {
                try entry.key.append(to: &output)
                try entry.value.append(to: &output)
            }
        }
    }

    private func appendVector(to output: inout ByteWriter) throws(AMFError) {
        switch self {
        case .vectorOfInt(let words, let isFixed):
            try Self.append(vector: AMF3Marker.vectorOfInt, words.count, isFixed, to: &output)
            for word in words { output.u32(UInt32(bitPattern: word)) }
        case .vectorOfUInt(let words, let isFixed):
            try Self.append(vector: AMF3Marker.vectorOfUInt, words.count, isFixed, to: &output)
            for word in words { output.u32(word) }
        case .vectorOfDouble(let doubles, let isFixed):
            try Self.append(vector: AMF3Marker.vectorOfDouble, doubles.count, isFixed, to: &output)
            for double in doubles { output.u64(double.bitPattern) }
        case .vectorOfObject(let className, let elements, let isFixed):
            try Self.append(vector: AMF3Marker.vectorOfObject, elements.count, isFixed, to: &output)
            try Self.append(className, to: &output)
            for element in elements { try element.append(to: &output) }
        case .undefined, .null, .boolean, .integer, .double, .string, .xmlDocument, .date, .array, .object, .xml,
            .byteArray, .dictionary:
            preconditionFailure("only a vector is written as one")
        }
    }
}

// MARK: - Parts

extension AMF3Value {
    fileprivate static let maximumU29 = (1 << 29) - 1

    private static func append(integer: Int32, to output: inout ByteWriter) {
        guard (-(1 << 28)..<(1 << 28)).contains(integer) else { return append(double: Double(integer), to: &output) }
        output.u8(AMF3Marker.integer)
        append(u29: UInt32(bitPattern: integer) & UInt32(maximumU29), to: &output)
    }

    private static func append(double: Double, to output: inout ByteWriter) {
        output.u8(AMF3Marker.double)
        output.u64(double.bitPattern)
    }

    private static func append(
        vector marker: UInt8, _ count: Int, _ isFixed: Bool, to output: inout ByteWriter
    ) throws(AMFError) {
        output.u8(marker)
        try append(count: count, to: &output)
        output.u8(isFixed ? 1 : 0)
    }

    /// `value` has 29 bits.
    private static func append(u29 value: UInt32, to output: inout ByteWriter) {
        // Four bytes hold 7 + 7 + 7 + 8 bits, fewer hold 7 each.
        let isLong = value >= 1 << 21
        let head = isLong ? value >> 8 : value >> 7
        for shift in [UInt32(14), 7, 0] where head >> shift != 0 || isLong {
            output.u8(UInt8(truncatingIfNeeded: head >> shift & 0x7F | 0x80))
        }
        output.u8(UInt8(truncatingIfNeeded: isLong ? value : value & 0x7F))
    }

    /// The header of something that is no reference: a number of `bits`, a one below it.
    fileprivate static func append(
        count: Int, bits: Int = 1, flags: Int = 1, to output: inout ByteWriter
    )
        throws(AMFError)
    {
        guard count <= maximumU29 >> bits else { throw .tooLong(bytes: count, maximum: maximumU29 >> bits) }
        append(u29: UInt32(count << bits | flags), to: &output)
    }

    fileprivate static func append(_ text: AMFString, to output: inout ByteWriter) throws(AMFError) {
        try append(count: text.byteCount, to: &output)
        text.append(to: &output)
    }

    fileprivate static func append(
        pairs: ArraySlice<AMFProperties<AMF3Value>.Pair>, to output: inout ByteWriter
    ) throws(AMFError) {
        for pair in pairs {
            guard !pair.key.isEmpty else { throw .emptyKey }
            try append(pair.key, to: &output)
            try pair.value.append(to: &output)
        }
        try append(.empty, to: &output)
    }
}

extension AMF3Object {
    /// Traits, values of what the class declares, then what it does not.
    fileprivate func append(to output: inout ByteWriter) throws(AMFError) {
        let sealed = properties.pairs[..<sealedCount]
        try AMF3Value.append(count: sealedCount, bits: 4, flags: isDynamic ? 0b1011 : 0b0011, to: &output)
        try AMF3Value.append(className, to: &output)
        for pair in sealed { try AMF3Value.append(pair.key, to: &output) }
        for pair in sealed { try pair.value.append(to: &output) }
        if isDynamic { try AMF3Value.append(pairs: properties.pairs[sealedCount...], to: &output) }
    }
}
