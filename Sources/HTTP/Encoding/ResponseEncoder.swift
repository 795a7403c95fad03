package import Bytes

/// Writes response heads.
package enum ResponseEncoder {
    /// Appends status line, fields and the empty line to `output`.
    ///
    /// Framing and connection fields come from `plan`; those in `fields` are left out. `date` is a whole value for
    /// `Date`, which the caller keeps for a second, and `server` one for `Server`; they are left out where they are
    /// empty or `fields` have their own.
    package static func encode(
        _ plan: ResponsePlan, _ fields: borrowing Fields, date: RawSpan, server: StaticString = "",
        into output: inout ByteWriter
    ) {
        precondition(Fields.isValid(server.rawSpan), "a literal field value has no control characters")
        output.reserve(160 + fields.byteCount)
        appendStatusLine(plan.status, to: &output)
        if !date.isEmpty, !fields.contains(.date) {
            output.append("Date: ")
            output.append(date)
            output.append("\r\n")
        }
        if server.utf8CodeUnitCount > 0, !fields.contains(.server) {
            output.append("Server: ")
            output.append(server)
            output.append("\r\n")
        }
        fields.append(to: &output) { name in
            switch name {
            case .contentLength, .transferEncoding, .connection, .keepAlive: false
            default: true
            }
        }
        appendFraming(plan.framing, to: &output)
        appendConnection(plan, to: &output)
        output.append("\r\n")
    }

    /// An interim response without fields: `100 Continue`.
    package static func encodeContinue(into output: inout ByteWriter) {
        output.append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// A server states the version it speaks, also to an HTTP/1.0 client (RFC 9110 §6.2).
    private static func appendStatusLine(_ status: Status, to output: inout ByteWriter) {
        if status == .ok { return output.append("HTTP/1.1 200 OK\r\n") }
        output.append("HTTP/1.1 ")
        output.append(decimal: status.code)
        output.u8(UInt8(ascii: " "))
        output.append(status.reason)
        output.append("\r\n")
    }

    private static func appendConnection(_ plan: ResponsePlan, to output: inout ByteWriter) {
        if plan.status == .switchingProtocols { return output.append("Connection: upgrade\r\n") }
        // RFC 9110 §15.5.22: this answer has an `Upgrade` field, which must be listed.
        if plan.status == .upgradeRequired {
            return output.append(plan.keepAlive ? "Connection: upgrade\r\n" : "Connection: upgrade, close\r\n")
        }
        // RFC 9110 §15.2: an interim response says nothing about the connection.
        if plan.status.isInformational { return }
        if !plan.keepAlive { return output.append("Connection: close\r\n") }
        if plan.isHTTP10 { output.append("Connection: keep-alive\r\n") }
    }

    static func appendFraming(_ framing: BodyFraming, to output: inout ByteWriter) {
        switch framing {
        case .none, .untilClose:
            break
        case .length(let count):
            output.append("Content-Length: ")
            output.append(decimal: count)
            output.append("\r\n")
        case .chunked:
            output.append("Transfer-Encoding: chunked\r\n")
        }
    }
}
