import Bytes

extension AMFReader {
    /// The next value, in AMF0.
    package mutating func value() throws(AMFError) -> AMF0Value {
        let start = input.offset
        let marker = try u8()
        try budget.addValue()
        switch marker {
        case AMF0Marker.number: return .number(try f64())
        case AMF0Marker.boolean: return .boolean(try u8() != 0)
        case AMF0Marker.string: return .string(try text(Int(try u16())))
        case AMF0Marker.longString: return .string(try text(Int(try u32())))
        case AMF0Marker.xmlDocument: return .xmlDocument(try text(Int(try u32())))
        case AMF0Marker.null: return .null
        case AMF0Marker.undefined: return .undefined
        case AMF0Marker.unsupported: return .unsupported
        case AMF0Marker.date:
            let milliseconds = try f64()
            return .date(milliseconds: milliseconds, timeZone: Int16(bitPattern: try u16()))
        case AMF0Marker.object, AMF0Marker.ecmaArray, AMF0Marker.strictArray, AMF0Marker.typedObject:
            return try compound(marker)
        case AMF0Marker.reference: return try reference(Int(try u16()), offset: start)
        case AMF0Marker.avmPlus: return .avmPlus(try value3())
        case AMF0Marker.objectEnd: throw .unexpectedObjectEnd(offset: start)
        default: throw .unknownMarker(marker, offset: start)
        }
    }

    /// What a reference may name: it has its place in the table from the moment it begins.
    private mutating func compound(_ marker: UInt8) throws(AMFError) -> AMF0Value {
        let mark = try budget.enter()
        let place = objects.open()
        let value: AMF0Value
        switch marker {
        case AMF0Marker.object: value = .object(try properties())
        case AMF0Marker.ecmaArray:
            // The count is a hint that many encoders get wrong; the end marker is what counts.
            _ = try u32()
            value = .ecmaArray(try properties())
        case AMF0Marker.strictArray: value = .strictArray(try elements())
        default:
            let name = try text(Int(try u16()))
            value = .typedObject(className: name, try properties())
        }
        objects.close(place, value, budget.leave(mark))
        return value
    }

    /// Pairs up to the end marker, or up to the end of the message: some encoders leave the marker out there.
    private mutating func properties() throws(AMFError) -> AMFProperties<AMF0Value> {
        var properties = AMFProperties<AMF0Value>()
        while !input.isAtEnd {
            let length = Int(try u16())
            if length == 0, input.isAtEnd { break }
            if length == 0, input.peek() == AMF0Marker.objectEnd {
                _ = try u8()
                break
            }
            let key = try text(length)
            properties.append(key, try value())
        }
        return properties
    }

    private mutating func elements() throws(AMFError) -> [AMF0Value] {
        let count = Int(try u32())
        try require(count)
        try budget.expect(values: count)
        var elements: [AMF0Value] = []
        for _ in 0..<count { elements.append(try value()) }
        return elements
    }

    private mutating func reference(_ index: Int, offset: Int) throws(AMFError) -> AMF0Value {
        let (value, cost) = try objects.find(index, offset: offset)
        try budget.repeatCost(cost)
        return value
    }
}

/// The type markers of AMF0, §2.1 of its specification.
enum AMF0Marker {
    static let number: UInt8 = 0x00
    static let boolean: UInt8 = 0x01
    static let string: UInt8 = 0x02
    static let object: UInt8 = 0x03
    static let null: UInt8 = 0x05
    static let undefined: UInt8 = 0x06
    static let reference: UInt8 = 0x07
    static let ecmaArray: UInt8 = 0x08
    static let objectEnd: UInt8 = 0x09
    static let strictArray: UInt8 = 0x0A
    static let date: UInt8 = 0x0B
    static let longString: UInt8 = 0x0C
    static let unsupported: UInt8 = 0x0D
    static let xmlDocument: UInt8 = 0x0F
    static let typedObject: UInt8 = 0x10
    static let avmPlus: UInt8 = 0x11
}
