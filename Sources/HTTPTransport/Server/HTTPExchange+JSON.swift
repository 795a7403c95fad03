package import Bytes
package import HTTP

extension HTTPExchange {
    /// Answers with an error in the form that every API here uses: `{"code":404,"message":"no such route"}`.
    package func fail(_ status: Status, _ message: StaticString) { fail(status, "\(message)") }

    /// `message` may hold anything; it is escaped. `more` goes along with the fields that the form has. A script is
    /// told with 200: browsers drop any other, and the page would not hear of it.
    package func fail(_ status: Status, _ message: String, _ more: borrowing Fields = Fields()) {
        var body = ByteWriter(capacity: 64)
        body.append("{\"code\":")
        body.append(decimal: status.code)
        body.append(",\"message\":\"")
        JSONText.escape(message, into: &body)
        body.append("\"}")
        let json = body.finish()
        if let callback { return respond(.ok, JSONText.scriptFields, body: callback.call(with: json)) }
        var fields = JSONText.fields
        for position in 0..<more.count {
            // There is room: these are few, and the program's own.
            try? fields.append(named: more.name(at: position), more.value(at: position))
        }
        respond(status, fields, body: json)
    }

    /// Answers with JSON text that is ready; compressed as `respond(text:)` does. A script gets it with 200.
    package func respond(json: SharedBytes, _ status: Status = .ok) {
        guard let callback else { return respond(text: json, status, JSONText.fields) }
        respond(text: callback.call(with: json), .ok, JSONText.scriptFields)
    }
}

/// The little of JSON that answers without a model need.
package enum JSONText {
    static let fields: Fields = {
        var fields = Fields()
        fields.append(.contentType, "application/json")
        return fields
    }()

    /// Those of a script, which is not to be taken for anything else, whatever its first bytes are.
    static let scriptFields: Fields = {
        var fields = Fields()
        fields.append(.contentType, "text/javascript; charset=utf-8")
        fields.append(.xContentTypeOptions, "nosniff")
        return fields
    }()

    /// `text` as it stands between the quotes of a JSON string.
    package static func escaped(_ text: String) -> String {
        var output = ByteWriter(capacity: text.utf8.count + 16)
        escape(text, into: &output)
        return String(copying: output.bytes)
    }

    /// Appends `text` as it stands between the quotes of a JSON string (RFC 8259 §7).
    package static func escape(_ text: String, into output: inout ByteWriter) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append("\\\"")
            case UInt8(ascii: "\\"): output.append("\\\\")
            case 0x0A: output.append("\\n")
            case 0x0D: output.append("\\r")
            case 0x09: output.append("\\t")
            case 0..<0x20:
                output.append(byte < 0x10 ? "\\u000" : "\\u00")
                output.append(hex: UInt64(byte))
            default: output.u8(byte)
            }
        }
    }
}
