/// The properties of an object in the order in which they were sent, names repeated where the peer repeated them.
///
/// Of a repeated name the last one counts, as if they were assigned one after the other. A lookup walks the list:
/// objects of a protocol have a dozen properties, and those with thousands are read by position.
package struct AMFProperties<Value: Sendable>: Sendable {
    package struct Pair: Sendable {
        package let key: AMFString
        package var value: Value

        package init(key: AMFString, value: Value) {
            self.key = key
            self.value = value
        }
    }

    package private(set) var pairs: [Pair] = []

    package init() {}

    package init(_ pairs: [(AMFString, Value)]) { self.pairs = pairs.map { Pair(key: $0.0, value: $0.1) } }

    package var count: Int { pairs.count }

    package var isEmpty: Bool { pairs.isEmpty }

    /// Adds at the end, whether the name is there or not.
    package mutating func append(_ key: AMFString, _ value: Value) { pairs.append(Pair(key: key, value: value)) }

    /// The value called `key`. Setting keeps the place of one that was there; nil removes every one.
    package subscript(key: String) -> Value? {
        get { pairs.last { $0.key.equals(key) }?.value }
        set {
            guard let newValue else { return pairs.removeAll { $0.key.equals(key) } }
            if let place = pairs.lastIndex(where: { $0.key.equals(key) }) {
                pairs[place].value = newValue
            } else {
                append(AMFString(key), newValue)
            }
        }
    }

    /// The same names with other values.
    func map<Other>(_ change: (Value) -> Other) -> AMFProperties<Other> {
        AMFProperties<Other>(pairs.map { ($0.key, change($0.value)) })
    }
}

extension AMFProperties: Equatable where Value: Equatable {}
extension AMFProperties.Pair: Equatable where Value: Equatable {}
