package import Bytes

/// The value of a field in a log line.
package enum LogValue: Sendable, Equatable {
    case string(String)
    case integer(Int)
    case unsigned(UInt)
    case double(Double)
    case bool(Bool)
    /// Text: `12.5ms`. JSON: seconds, as a number.
    case duration(Duration)
    /// Raw bytes, shown in hexadecimal.
    case bytes(SharedBytes)
    /// A `Secret`.
    case redacted
    case null
}

/// A type whose values may stand in a log line; identifiers and addresses conform where they are declared.
package protocol LogConvertible {
    var logValue: LogValue { get }
}

/// Fields of a log line, written as a dictionary literal: `["port": port, "peer": address]`.
///
/// Keys are constants. Where a key occurs twice the later value stands.
package struct LogFields: Sendable, ExpressibleByDictionaryLiteral {
    typealias Field = (key: String, value: LogValue)
    private(set) var fields: [Field]

    package init(dictionaryLiteral elements: (StaticString, any LogConvertible)...) {
        fields = elements.map { ($0.description, $1.logValue) }
    }

    package mutating func set(_ key: StaticString, _ value: some LogConvertible) {
        fields.append((key.description, value.logValue))
    }

    /// These fields, then `others`.
    func followed(by others: LogFields) -> LogFields {
        var all = self
        all.fields += others.fields
        return all
    }

    /// The fields in order, of those with one key only the last.
    var unique: [Field] {
        fields.enumerated().filter { index, field in
            !fields[(index + 1)...].contains { $0.key == field.key }
        }.map(\.element)
    }
}

// MARK: - Types of the standard library and of Bytes

extension LogValue: LogConvertible {
    package var logValue: LogValue { self }
}

extension String: LogConvertible {
    package var logValue: LogValue { .string(self) }
}

extension Substring: LogConvertible {
    package var logValue: LogValue { .string(String(self)) }
}

extension StaticString: LogConvertible {
    package var logValue: LogValue { .string(description) }
}

extension Bool: LogConvertible {
    package var logValue: LogValue { .bool(self) }
}

extension Double: LogConvertible {
    package var logValue: LogValue { .double(self) }
}

extension Duration: LogConvertible {
    package var logValue: LogValue { .duration(self) }
}

extension SharedBytes: LogConvertible {
    package var logValue: LogValue { .bytes(self) }
}

extension Optional: LogConvertible where Wrapped: LogConvertible {
    package var logValue: LogValue { self?.logValue ?? .null }
}

extension LogConvertible where Self: FixedWidthInteger & SignedInteger {
    package var logValue: LogValue { .integer(Int(self)) }
}

extension LogConvertible where Self: FixedWidthInteger & UnsignedInteger {
    package var logValue: LogValue { .unsigned(UInt(self)) }
}

extension Int: LogConvertible {}
extension Int16: LogConvertible {}
extension Int32: LogConvertible {}
extension Int64: LogConvertible {}
extension UInt: LogConvertible {}
extension UInt8: LogConvertible {}
extension UInt16: LogConvertible {}
extension UInt32: LogConvertible {}
extension UInt64: LogConvertible {}
