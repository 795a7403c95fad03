/// A value of the Action Message Format, version 3, as messages of the types 15 and 17 carry it.
///
/// References are no values of their own: the reader puts in what they name, and the writer sends every text and object
/// in full. Numbers are compared as `Double` is: NaN equals nothing.
package enum AMF3Value: Sendable, Equatable {
    case undefined
    case null
    case boolean(Bool)
    /// 29 bits with sign on the wire; what does not fit is written as a double.
    case integer(Int32)
    case double(Double)
    case string(AMFString)
    /// An `XMLDocument` of ActionScript 2.
    case xmlDocument(AMFString)
    /// Milliseconds since 1970.
    case date(milliseconds: Double)
    /// Properties first, then the elements that are numbered from 0.
    case array(named: AMFProperties<AMF3Value>, elements: [AMF3Value])
    indirect case object(AMF3Object)
    case xml(AMFString)
    case byteArray([UInt8])
    case vectorOfInt([Int32], isFixed: Bool)
    case vectorOfUInt([UInt32], isFixed: Bool)
    case vectorOfDouble([Double], isFixed: Bool)
    case vectorOfObject(className: AMFString, [AMF3Value], isFixed: Bool)
    case dictionary([AMF3Entry], hasWeakKeys: Bool)
}

/// An object of AMF3 with what its traits say.
package struct AMF3Object: Sendable, Equatable {
    /// Empty for an object without a class.
    package var className: AMFString
    /// Whether the object may have properties that its class does not declare.
    package var isDynamic: Bool
    /// So many properties, the first ones, are declared by the class; the others are dynamic.
    package var sealedCount: Int
    package var properties: AMFProperties<AMF3Value>

    /// `sealedCount` is at most the number of properties, and equal to it where the object is not dynamic.
    package init(
        className: AMFString = .empty, isDynamic: Bool = true, sealedCount: Int = 0,
        properties: AMFProperties<AMF3Value>
    ) {
        precondition(sealedCount >= 0 && sealedCount <= properties.count, "a declared property has a value")
        precondition(isDynamic || sealedCount == properties.count, "only a dynamic object has more than its class")
        self.className = className
        self.isDynamic = isDynamic
        self.sealedCount = sealedCount
        self.properties = properties
    }
}

/// A key of a dictionary and what it leads to.
package struct AMF3Entry: Sendable, Equatable {
    package let key: AMF3Value
    package let value: AMF3Value

    package init(key: AMF3Value, value: AMF3Value) {
        self.key = key
        self.value = value
    }
}

// MARK: - Looking into values

extension AMF3Value {
    package var number: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .double(let double): double
        case .undefined, .null, .boolean, .string, .xmlDocument, .date, .array, .object, .xml, .byteArray, .vectorOfInt,
            .vectorOfUInt, .vectorOfDouble, .vectorOfObject, .dictionary:
            nil
        }
    }

    package var boolean: Bool? {
        if case .boolean(let boolean) = self { return boolean }
        return nil
    }

    /// A text as it was sent.
    package var text: AMFString? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The properties of an object, or of an array that has no numbered elements.
    package var properties: AMFProperties<AMF3Value>? {
        switch self {
        case .object(let object): object.properties
        case .array(let named, let elements): elements.isEmpty ? named : nil
        case .undefined, .null, .boolean, .integer, .double, .string, .xmlDocument, .date, .xml, .byteArray,
            .vectorOfInt, .vectorOfUInt, .vectorOfDouble, .vectorOfObject, .dictionary:
            nil
        }
    }

    /// The numbered elements of an array.
    package var elements: [AMF3Value]? {
        if case .array(_, let elements) = self { return elements }
        return nil
    }

    /// The property called `key`, of an object or of an array.
    package subscript(key: String) -> AMF3Value? {
        switch self {
        case .object(let object): object.properties[key]
        case .array(let named, _): named[key]
        case .undefined, .null, .boolean, .integer, .double, .string, .xmlDocument, .date, .xml, .byteArray,
            .vectorOfInt, .vectorOfUInt, .vectorOfDouble, .vectorOfObject, .dictionary:
            nil
        }
    }
}
