import Bytes

/// What the objects of one class have in common (§3.12).
struct AMF3Traits {
    let className: AMFString
    let isDynamic: Bool
    /// The properties that the class declares.
    let names: [AMFString]
    /// Bytes of the names, which count again for each object.
    let bytes: Int
}

extension AMFReader {
    /// `flags` is the header without its lowest bit: traits by reference, externalizable, dynamic, declared properties.
    mutating func object3(flags: Int, offset: Int) throws(AMFError) -> AMF3Object {
        let traits = try traits3(flags: flags, offset: offset)
        var properties = AMFProperties<AMF3Value>()
        for name in traits.names { properties.append(name, try value3()) }
        if traits.isDynamic {
            for pair in try pairs3().pairs { properties.append(pair.key, pair.value) }
        }
        return AMF3Object(
            className: traits.className, isDynamic: traits.isDynamic, sealedCount: traits.names.count,
            properties: properties)
    }

    private mutating func traits3(flags: Int, offset: Int) throws(AMFError) -> AMF3Traits {
        if flags & 1 == 0 {
            guard flags >> 1 < traits3.count else { throw .unknownReference(flags >> 1, offset: offset) }
            let traits = traits3[flags >> 1]
            try budget.add(bytes: traits.bytes)
            return traits
        }
        guard flags & 2 == 0 else { throw .externalizable(offset: offset) }
        let count = flags >> 3
        // A name and a value each take a byte at least.
        try require(2 * count)
        try budget.expect(values: count)
        let className = try text3()
        var names: [AMFString] = []
        for _ in 0..<count { names.append(try text3()) }
        let bytes = names.reduce(className.byteCount) { $0 + $1.byteCount }
        let traits = AMF3Traits(className: className, isDynamic: flags & 4 != 0, names: names, bytes: bytes)
        traits3.append(traits)
        return traits
    }

    mutating func vector3(_ marker: UInt8, _ count: Int) throws(AMFError) -> AMF3Value {
        let isFixed = try u8() != 0
        switch marker {
        case AMF3Marker.vectorOfInt:
            return .vectorOfInt(try words3(count).map { Int32(bitPattern: $0) }, isFixed: isFixed)
        case AMF3Marker.vectorOfUInt: return .vectorOfUInt(try words3(count), isFixed: isFixed)
        case AMF3Marker.vectorOfDouble:
            try require(8 * count)
            try budget.add(bytes: 8 * count)
            var doubles: [Double] = []
            for _ in 0..<count { doubles.append(try f64()) }
            return .vectorOfDouble(doubles, isFixed: isFixed)
        default:
            let className = try text3()
            return .vectorOfObject(className: className, try elements3(count), isFixed: isFixed)
        }
    }

    private mutating func words3(_ count: Int) throws(AMFError) -> [UInt32] {
        try require(4 * count)
        try budget.add(bytes: 4 * count)
        var words: [UInt32] = []
        for _ in 0..<count { words.append(try u32()) }
        return words
    }

    mutating func dictionary3(_ count: Int) throws(AMFError) -> AMF3Value {
        let hasWeakKeys = try u8() != 0
        try require(2 * count)
        try budget.expect(values: 2 * count)
        var entries: [AMF3Entry] = []
        for _ in 0..<count {
            let key = try value3()
            entries.append(AMF3Entry(key: key, value: try value3()))
        }
        return .dictionary(entries, hasWeakKeys: hasWeakKeys)
    }
}
