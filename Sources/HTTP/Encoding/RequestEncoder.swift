package import Bytes

/// Why a request was not written.
package enum RequestEncoderError: Error, Equatable {
    /// Empty, or with a space or a control character in it.
    case invalidTarget
    case invalidHost
}

/// Writes request heads, always HTTP/1.1.
package struct RequestEncoder {
    package var method: Method
    package var body: OutgoingBody

    /// Whether the server is asked to close after its answer.
    package var closes = false

    /// Whether the body waits for `100 Continue`.
    package var expectsContinue = false

    /// Whether `Upgrade`, which `fields` carry, is meant.
    package var upgrades = false

    package init(_ method: Method, body: OutgoingBody = .none) {
        self.method = method
        self.body = body
    }

    /// Appends request line, `Host`, fields and the empty line to `output`, or nothing where it throws.
    ///
    /// `target` goes out as it is, encoded already. Framing, connection and `Host` fields in `fields` are left out.
    package func encode(
        target: RawSpan, host: RawSpan, _ fields: borrowing Fields, into output: inout ByteWriter
    ) throws(RequestEncoderError) {
        guard !target.isEmpty, target.firstControl(from: 0) == nil, target.firstIndex(of: UInt8(ascii: " ")) == nil
        else { throw .invalidTarget }
        do { _ = try Authority.Layout(host) } catch { throw .invalidHost }
        output.reserve(96 + target.byteCount + host.byteCount + fields.byteCount)
        method.append(to: &output)
        output.u8(UInt8(ascii: " "))
        output.append(target)
        output.append(" HTTP/1.1\r\nHost: ")
        output.append(host)
        output.append("\r\n")
        fields.append(to: &output) { name in
            switch name {
            case .host, .contentLength, .transferEncoding, .connection, .keepAlive, .expect: false
            default: true
            }
        }
        ResponseEncoder.appendFraming(framing, to: &output)
        if expectsContinue { output.append("Expect: 100-continue\r\n") }
        if upgrades { output.append("Connection: upgrade\r\n") }
        if closes, !upgrades { output.append("Connection: close\r\n") }
        output.append("\r\n")
    }

    /// RFC 9110 §8.6: a method that usually has a body states the length of an absent one.
    private var framing: BodyFraming {
        switch (body, method) {
        case (.none, .post), (.none, .put), (.none, .patch): .length(0)
        case (.none, _): .none
        case (.length(let count), _): .length(count)
        case (.stream, _): .chunked
        }
    }
}
