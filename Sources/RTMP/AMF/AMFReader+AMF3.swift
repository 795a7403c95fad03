import Bytes

extension AMFReader {
    /// The next value, in AMF3.
    package mutating func value3() throws(AMFError) -> AMF3Value {
        let start = input.offset
        let marker = try u8()
        try budget.addValue()
        switch marker {
        case AMF3Marker.undefined: return .undefined
        case AMF3Marker.null: return .null
        case AMF3Marker.false: return .boolean(false)
        case AMF3Marker.true: return .boolean(true)
        case AMF3Marker.integer:
            // 29 bits, the highest of them the sign.
            return .integer(Int32(bitPattern: try u29() << 3) >> 3)
        case AMF3Marker.double: return .double(try f64())
        case AMF3Marker.string: return .string(try text3())
        case AMF3Marker.xmlDocument...AMF3Marker.dictionary: return try compound3(marker, offset: start)
        default: throw .unknownMarker(marker, offset: start)
        }
    }

    /// An unsigned number of up to 29 bits in one to four bytes (§1.3.1).
    mutating func u29() throws(AMFError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<3 {
            let byte = UInt32(try u8())
            value = value << 7 | byte & 0x7F
            if byte < 0x80 { return value }
        }
        return value << 8 | UInt32(try u8())
    }

    /// A text, or a reference to one that came before. The empty one has no place in the table.
    mutating func text3() throws(AMFError) -> AMFString {
        let start = input.offset
        let header = Int(try u29())
        if header & 1 == 0 {
            guard header >> 1 < texts3.count else { throw .unknownReference(header >> 1, offset: start) }
            let text = texts3[header >> 1]
            try budget.add(bytes: text.byteCount)
            return text
        }
        let text = try text(header >> 1)
        if header > 1 { texts3.append(text) }
        return text
    }

    /// What a reference may name: it has its place in the table from the moment it begins.
    private mutating func compound3(_ marker: UInt8, offset: Int) throws(AMFError) -> AMF3Value {
        let header = try u29()
        if header & 1 == 0 {
            let (value, cost) = try objects3.find(Int(header >> 1), offset: offset)
            try budget.repeatCost(cost)
            return value
        }
        let mark = try budget.enter()
        let place = objects3.open()
        let value = try content3(marker, Int(header >> 1), offset: offset)
        objects3.close(place, value, budget.leave(mark))
        return value
    }

    /// `count` is the rest of the header: mostly a number of elements or bytes.
    private mutating func content3(_ marker: UInt8, _ count: Int, offset: Int) throws(AMFError) -> AMF3Value {
        switch marker {
        case AMF3Marker.xmlDocument: return .xmlDocument(try text(count))
        case AMF3Marker.xml: return .xml(try text(count))
        case AMF3Marker.date: return .date(milliseconds: try f64())
        case AMF3Marker.byteArray: return .byteArray(Array(copying: try take(count)))
        case AMF3Marker.array:
            let named = try pairs3()
            return .array(named: named, elements: try elements3(count))
        case AMF3Marker.object: return .object(try object3(flags: count, offset: offset))
        case AMF3Marker.dictionary: return try dictionary3(count)
        default: return try vector3(marker, count)
        }
    }

    /// Pairs up to an empty name.
    mutating func pairs3() throws(AMFError) -> AMFProperties<AMF3Value> {
        var pairs = AMFProperties<AMF3Value>()
        while true {
            let key = try text3()
            if key.isEmpty { return pairs }
            pairs.append(key, try value3())
        }
    }

    mutating func elements3(_ count: Int) throws(AMFError) -> [AMF3Value] {
        try require(count)
        try budget.expect(values: count)
        var elements: [AMF3Value] = []
        for _ in 0..<count { elements.append(try value3()) }
        return elements
    }
}

/// The type markers of AMF3, §3.1 of its specification.
enum AMF3Marker {
    static let undefined: UInt8 = 0x00
    static let null: UInt8 = 0x01
    static let `false`: UInt8 = 0x02
    static let `true`: UInt8 = 0x03
    static let integer: UInt8 = 0x04
    static let double: UInt8 = 0x05
    static let string: UInt8 = 0x06
    static let xmlDocument: UInt8 = 0x07
    static let date: UInt8 = 0x08
    static let array: UInt8 = 0x09
    static let object: UInt8 = 0x0A
    static let xml: UInt8 = 0x0B
    static let byteArray: UInt8 = 0x0C
    static let vectorOfInt: UInt8 = 0x0D
    static let vectorOfUInt: UInt8 = 0x0E
    static let vectorOfDouble: UInt8 = 0x0F
    static let vectorOfObject: UInt8 = 0x10
    static let dictionary: UInt8 = 0x11
}
