/// A value of the Action Message Format, version 0: what RTMP's commands and metadata are made of.
///
/// References are no values of their own: the reader puts in what they name. Numbers are read and written bit by bit,
/// but compared as `Double` is: NaN equals nothing.
package enum AMF0Value: Sendable, Equatable {
    case number(Double)
    case boolean(Bool)
    /// Written as a long string where it has more than 65535 bytes.
    case string(AMFString)
    case object(AMFProperties<AMF0Value>)
    case null
    case undefined
    /// An array with names. The count that peers announce is often wrong and never needed: the writer sends the true
    /// one.
    case ecmaArray(AMFProperties<AMF0Value>)
    case strictArray([AMF0Value])
    /// Milliseconds since 1970 and a time zone in minutes, which the specification reserves and some senders set.
    case date(milliseconds: Double, timeZone: Int16)
    /// What the sender could not express.
    case unsupported
    case xmlDocument(AMFString)
    indirect case typedObject(className: AMFString, AMFProperties<AMF0Value>)
    /// A value in AMF3 inside of AMF0.
    indirect case avmPlus(AMF3Value)
}

extension AMF0Value {
    package static func string(_ text: String) -> AMF0Value { .string(AMFString(text)) }
}

// MARK: - Looking into values; AMF3 values answer like those of AMF0

extension AMF0Value {
    /// A number, or the integer or double of AMF3.
    package var number: Double? {
        switch self {
        case .number(let number): number
        case .avmPlus(let value): value.number
        case .boolean, .string, .object, .null, .undefined, .ecmaArray, .strictArray, .date, .unsupported, .xmlDocument,
            .typedObject:
            nil
        }
    }

    package var boolean: Bool? {
        switch self {
        case .boolean(let boolean): boolean
        case .avmPlus(let value): value.boolean
        case .number, .string, .object, .null, .undefined, .ecmaArray, .strictArray, .date, .unsupported, .xmlDocument,
            .typedObject:
            nil
        }
    }

    /// A text as it was sent.
    package var text: AMFString? {
        switch self {
        case .string(let text): text
        case .avmPlus(let value): value.text
        case .number, .boolean, .object, .null, .undefined, .ecmaArray, .strictArray, .date, .unsupported, .xmlDocument,
            .typedObject:
            nil
        }
    }

    /// A text that is UTF-8.
    package var string: String? { text?.string }

    /// The properties of an object or of an array with names.
    package var properties: AMFProperties<AMF0Value>? {
        switch self {
        case .object(let properties), .ecmaArray(let properties), .typedObject(_, let properties): properties
        case .avmPlus(let value): value.properties?.map { .avmPlus($0) }
        case .number, .boolean, .string, .null, .undefined, .strictArray, .date, .unsupported, .xmlDocument: nil
        }
    }

    /// The elements of an array without names.
    package var elements: [AMF0Value]? {
        switch self {
        case .strictArray(let elements): elements
        case .avmPlus(let value): value.elements?.map { .avmPlus($0) }
        case .number, .boolean, .string, .object, .null, .undefined, .ecmaArray, .date, .unsupported, .xmlDocument,
            .typedObject:
            nil
        }
    }

    /// The property called `key`; nil where there is none, and where this is no object.
    package subscript(key: String) -> AMF0Value? {
        switch self {
        case .object(let properties), .ecmaArray(let properties), .typedObject(_, let properties): properties[key]
        case .avmPlus(let value): value[key].map { .avmPlus($0) }
        case .number, .boolean, .string, .null, .undefined, .strictArray, .date, .unsupported, .xmlDocument: nil
        }
    }
}
