import Bytes
package import HTTP

/// Reads requests from bytes that come in pieces, the way a connection would.
package enum RequestReader {
    package static func read(
        _ pieces: [[UInt8]], limits: HeadLimits = HeadLimits(), bodyLimits: BodyLimits = BodyLimits()
    ) -> ReadRequests {
        var result = ReadRequests()
        var input = ByteQueue(maximum: 1 << 20)
        var parser = RequestParser(limits: limits)
        var head = RequestHead()
        var body: BodyDecoder?
        do throws(HTTPParseError) {
            for piece in pieces {
                precondition(input.append(piece.rawSpan), "a test's input fits")
                while true {
                    if var decoder = body {
                        guard !input.isEmpty else { break }
                        let step = try decoder.decode(input.readable)
                        result.addBody(Array(copying: input.readable.extracting(step.data)))
                        input.consume(step.consumed)
                        body = decoder
                    } else {
                        guard let length = try parser.parse(input.readable, into: &head) else { break }
                        input.consume(length)
                        result.requests.append(ReadRequest(head))
                        body = BodyDecoder(head.framing, limits: bodyLimits)
                    }
                    if body?.isComplete ?? false {
                        result.finishRequest()
                        body = nil
                    }
                }
            }
        } catch {
            result.error = error
        }
        result.left = input.count
        return result
    }

    package static func read(
        _ text: String, limits: HeadLimits = HeadLimits(), bodyLimits: BodyLimits = BodyLimits()
    ) -> ReadRequests {
        read([Array(text.utf8)], limits: limits, bodyLimits: bodyLimits)
    }
}
