import HTTPTransport

/// An object of JSON, member by member: for texts that are made a few times a minute.
struct JSONObject {
    private var members: [String] = []

    var text: String { "{\(members.joined(separator: ","))}" }

    mutating func set(_ name: String, _ value: String) { set(name, raw: "\"\(JSONText.escaped(value))\"") }

    mutating func set(_ name: String, _ value: Bool) { set(name, raw: value ? "true" : "false") }

    mutating func set(_ name: String, _ value: some FixedWidthInteger) { set(name, raw: "\(value)") }

    /// JSON knows neither infinity nor what is no number: 0.
    mutating func set(_ name: String, _ value: Double) { set(name, raw: value.isFinite ? "\(value)" : "0") }

    mutating func set(_ name: String, _ values: [String]) {
        set(name, raw: "[\(values.map { "\"\(JSONText.escaped($0))\"" }.joined(separator: ","))]")
    }

    mutating func set(_ name: String, _ object: JSONObject) { set(name, raw: object.text) }

    private mutating func set(_ name: String, raw value: String) {
        members.append("\"\(JSONText.escaped(name))\":\(value)")
    }
}
