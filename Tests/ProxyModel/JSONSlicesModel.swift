import Foundation
import Proxy
import Registry
package import TestKit

/// What must always hold of a text that may be JSON: what is taken is what Foundation reads, part for part, and is JSON
/// still when it is passed on as an origin's.
package func checkSlices(_ input: [UInt8]) throws(BrokenInvariant) {
    guard let json = JSONSlices(input) else { return }
    try checkPassedOn(json)
    guard let expected = try SlicedValue(json, json.root) else { return }
    let read = try? JSONDecoder().decode(SlicedValue.self, from: Data(input))
    try require(read == expected, "\(json.text(json.root)): Foundation reads \(String(describing: read))")
}

private func checkPassedOn(_ json: JSONSlices) throws(BrokenInvariant) {
    let origin = OriginID("o\"~\n1")
    guard let entry = ForeignEntry.text(json, json.root, of: origin) else {
        return try require(json.members(of: json.root) == nil, "an object is not passed on")
    }
    guard let again = JSONSlices(Array(entry.utf8)), let members = again.members(of: again.root) else {
        throw BrokenInvariant("\(json.text(json.root)) is passed on as \(entry)")
    }
    let names = json.members(of: json.root)?.map(\.name).filter { $0 != "server" } ?? []
    try require(members.map(\.name) == names + ["server"], "\(names) is passed on as \(entry)")
}

/// A value of JSON.
private enum SlicedValue: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case list([SlicedValue])
    case object([String: SlicedValue])
}

extension SlicedValue: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([SlicedValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: SlicedValue].self))
        }
    }

    /// Made of the slices at `range`, of which Foundation reads those that have no parts; nil where it is not to be
    /// compared, for it has a member twice, half of a pair of surrogates, or a number that is none of a `Double`.
    init?(_ json: JSONSlices, _ range: Range<Int>) throws(BrokenInvariant) {
        switch json.bytes[range.lowerBound] {
        case UInt8(ascii: "{"):
            guard let members = json.members(of: range) else { throw BrokenInvariant("an object without members") }
            var values: [String: SlicedValue] = [:]
            for (name, place) in members {
                guard let value = try SlicedValue(json, place), let name = try Self.leaf("\"\(name)\""),
                    case .string(let name) = name, values.updateValue(value, forKey: name) == nil
                else { return nil }
            }
            self = .object(values)
        case UInt8(ascii: "["):
            guard let elements = json.elements(of: range) else { throw BrokenInvariant("a list without elements") }
            var values: [SlicedValue] = []
            for element in elements {
                guard let value = try SlicedValue(json, element) else { return nil }
                values.append(value)
            }
            self = .list(values)
        default:
            let text = json.text(range)
            try require(json.string(range).map { "\"\($0)\"" } ?? text == text, "\(text) is another string")
            guard let value = try Self.leaf(text) else { return nil }
            self = value
        }
    }

    private static func leaf(_ text: String) throws(BrokenInvariant) -> SlicedValue? {
        if let value = try? JSONDecoder().decode(SlicedValue.self, from: Data(text.utf8)) { return value }
        let isOutOfBounds =
            text.hasPrefix("\"") ? text.contains("\\u") : text.utf8.count > 300 || text.lowercased().contains("e")
        try require(isOutOfBounds, "Foundation does not read \(text)")
        return nil
    }
}
