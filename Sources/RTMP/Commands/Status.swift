/// The information object of `onStatus`, and of the answer to `connect`: level, code, description and whatever else.
///
/// The properties keep their order and what is unknown.
package struct Status: Sendable, Equatable {
    package var properties: AMFProperties<AMF0Value>

    package init(properties: AMFProperties<AMF0Value>) { self.properties = properties }

    /// `further` follows behind the description.
    package init(_ code: StatusCode, _ description: AMFString, further: [(AMFString, AMF0Value)] = []) {
        properties = AMFProperties(
            [
                ("level", .string(code.level.rawValue)), ("code", .string(code.rawValue)),
                ("description", .string(description)),
            ] + further)
    }

    /// The status that a command carries as its first argument: `onStatus`, `_result` and `_error` of `connect`. Nil
    /// where there is no object.
    package init?(_ command: Command) {
        guard let properties = command.argument(0)?.properties else { return nil }
        self.init(properties: properties)
    }
}

extension Status {
    /// Nil for a code that is not known, or none.
    package var code: StatusCode? { properties["code"]?.string.flatMap { StatusCode(rawValue: $0) } }

    /// The code as it was sent.
    package var codeText: AMFString? { properties["code"]?.text }

    /// As it was sent; without one, that of the code.
    package var level: StatusLevel? {
        properties["level"]?.string.flatMap { StatusLevel(rawValue: $0) } ?? code?.level
    }

    package var description: AMFString? { properties["description"]?.text }

    /// Where to connect instead, with a refusal that says so: the URL of Adobe's and SRS's redirection (`ex.redirect`).
    package var redirect: AMFString? { properties["ex"]?["redirect"]?.text }
}
