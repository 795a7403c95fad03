package import Bytes

extension AMF0Value {
    /// Appends the value as a message carries it; where it throws, part of it may have been written.
    ///
    /// Throws only for names and texts that AMF0 has no length for, which no value that was read in AMF0 has.
    package func append(to output: inout ByteWriter) throws(AMFError) {
        switch self {
        case .number(let number):
            output.u8(AMF0Marker.number)
            output.u64(number.bitPattern)
        case .boolean(let boolean):
            output.u8(AMF0Marker.boolean)
            output.u8(boolean ? 1 : 0)
        case .string(let text):
            if text.byteCount <= Int(UInt16.max) {
                output.u8(AMF0Marker.string)
                try Self.append(name: text, to: &output)
            } else {
                try Self.append(longText: text, AMF0Marker.longString, to: &output)
            }
        case .object(let properties):
            output.u8(AMF0Marker.object)
            try Self.append(properties, to: &output)
        case .null: output.u8(AMF0Marker.null)
        case .undefined: output.u8(AMF0Marker.undefined)
        case .ecmaArray(let properties):
            output.u8(AMF0Marker.ecmaArray)
            output.u32(UInt32(clamping: properties.count))
            try Self.append(properties, to: &output)
        case .strictArray(let elements):
            output.u8(AMF0Marker.strictArray)
            output.u32(UInt32(clamping: elements.count))
            for element in elements { try element.append(to: &output) }
        case .date(let milliseconds, let timeZone):
            output.u8(AMF0Marker.date)
            output.u64(milliseconds.bitPattern)
            output.u16(UInt16(bitPattern: timeZone))
        case .unsupported: output.u8(AMF0Marker.unsupported)
        case .xmlDocument(let text): try Self.append(longText: text, AMF0Marker.xmlDocument, to: &output)
        case .typedObject(let className, let properties):
            output.u8(AMF0Marker.typedObject)
            try Self.append(name: className, to: &output)
            try Self.append(properties, to: &output)
        case .avmPlus(let value):
            output.u8(AMF0Marker.avmPlus)
            try value.append(to: &output)
        }
    }

    private static func append(
        _ properties: AMFProperties<AMF0Value>, to output: inout ByteWriter
    ) throws(AMFError) {
        for pair in properties.pairs {
            try append(name: pair.key, to: &output)
            try pair.value.append(to: &output)
        }
        output.u16(0)
        output.u8(AMF0Marker.objectEnd)
    }

    private static func append(name: AMFString, to output: inout ByteWriter) throws(AMFError) {
        guard let length = UInt16(exactly: name.byteCount) else {
            throw .tooLong(bytes: name.byteCount, maximum: Int(UInt16.max))
        }
        output.u16(length)
        name.append(to: &output)
    }

    private static func append(
        longText text: AMFString, _ marker: UInt8, to output: inout ByteWriter
    ) throws(AMFError) {
        guard let length = UInt32(exactly: text.byteCount) else {
            throw .tooLong(bytes: text.byteCount, maximum: Int(UInt32.max))
        }
        output.u8(marker)
        output.u32(length)
        text.append(to: &output)
    }
}
