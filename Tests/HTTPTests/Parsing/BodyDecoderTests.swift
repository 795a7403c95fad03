import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

@Suite("BodyDecoder") struct BodyDecoderTests {
    /// The body in `text`, how much of `text` it took, and what was wrong.
    private func decode(
        _ framing: BodyFraming, _ text: String, limits: BodyLimits = BodyLimits(), pieces: Int = .max
    ) -> (body: String, consumed: Int, isComplete: Bool, error: HTTPParseError?) {
        var decoder = BodyDecoder(framing, limits: limits)
        let bytes = Array(text.utf8)
        var body: [UInt8] = []
        var consumed = 0
        do throws(HTTPParseError) {
            while consumed < bytes.count, !decoder.isComplete {
                let end = min(bytes.count, consumed + min(pieces, bytes.count))
                let input = bytes.rawSpan.extracting(consumed..<end)
                let step = try decoder.decode(input)
                body += Array(copying: input.extracting(step.data))
                consumed += step.consumed
            }
        } catch {
            return (String(decoding: body, as: UTF8.self), consumed, decoder.isComplete, error)
        }
        #expect(decoder.received == body.count)
        return (String(decoding: body, as: UTF8.self), consumed, decoder.isComplete, nil)
    }

    @Test("without a body nothing is consumed", arguments: [BodyFraming.none, .length(0)])
    func none(framing: BodyFraming) throws {
        var decoder = BodyDecoder(framing)
        #expect(decoder.isComplete)
        let step = try decoder.decode("GET".bytes.rawSpan)
        #expect(step.consumed == 0)
        #expect(step.data.isEmpty)
    }

    @Test("a counted body takes exactly its bytes", arguments: [1, 2, 3, 100])
    func counted(pieces: Int) {
        let result = decode(.length(5), "helloGET", pieces: pieces)
        #expect(result.body == "hello")
        #expect(result.consumed == 5)
        #expect(result.isComplete)
    }

    @Test("chunks are joined and nothing behind the last is touched", arguments: [1, 2, 3, 100])
    func chunked(pieces: Int) {
        let chunks = "5\r\nhello\r\n00A;a=b;c=\"d\te\"\r\n0123456789\r\n000\r\nT: 1\r\nU:\r\n\r\n"
        let result = decode(.chunked, chunks + "GET", pieces: pieces)
        #expect(result.body == "hello0123456789")
        #expect(result.isComplete)
        #expect(result.consumed == chunks.utf8.count)
        #expect(result.error == nil)
    }

    @Test("a body until close ends with the close and with nothing else")
    func untilClose() throws {
        var decoder = BodyDecoder(.untilClose)
        #expect(try decoder.decode("abc".bytes.rawSpan).data == 0..<3)
        #expect(!decoder.isComplete)
        try decoder.inputEnded()
        #expect(decoder.isComplete)
    }

    @Test("a close inside a counted or chunked body is a truncation", arguments: [BodyFraming.length(5), .chunked])
    func truncated(framing: BodyFraming) throws {
        var decoder = BodyDecoder(framing)
        _ = try decoder.decode("1".bytes.rawSpan)
        #expect(throws: HTTPParseError.truncated) { try decoder.inputEnded() }
    }

    @Test("a close after the end is no error")
    func closedAfterEnd() throws {
        var decoder = BodyDecoder(.length(1))
        _ = try decoder.decode("1".bytes.rawSpan)
        try decoder.inputEnded()
        #expect(decoder.isComplete)
    }

    @Test("the largest chunk size is accepted and one digit more is not")
    func sizes() {
        #expect(decode(.chunked, "7fffffffffffffff\r\n").error == nil)
        #expect(decode(.chunked, "8000000000000000\r\n").error == .invalidChunkSize)
        #expect(decode(.chunked, "0000000000000001\r\na\r\n0\r\n\r\n").isComplete)
    }
}

@Suite("Limits of a body") struct BodyLimitTests {
    private func error(_ framing: BodyFraming, _ text: String, _ limits: BodyLimits) -> HTTPParseError? {
        let head =
            switch framing {
            case .length(let count): "Content-Length: \(count)"
            case .chunked, .none, .untilClose: "Transfer-Encoding: chunked"
            }
        let request = "POST / HTTP/1.1\r\nHost: a\r\n\(head)\r\n\r\n\(text)"
        let results = [
            RequestReader.read(request, bodyLimits: limits).error,
            RequestReader.read(request.utf8.map { [$0] }, bodyLimits: limits).error,
        ]
        #expect(results[0] == results[1])
        return results[0]
    }

    @Test("the body is bounded before a byte of it is taken")
    func body() {
        let limits = BodyLimits(maximumBodyBytes: 4)
        #expect(error(.length(4), "abcd", limits) == nil)
        #expect(error(.length(5), "a", limits) == .bodyTooLarge(maximum: 4))
        #expect(error(.chunked, "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", limits) == nil)
        #expect(error(.chunked, "2\r\nab\r\n3\r\n", limits) == .bodyTooLarge(maximum: 4))
        #expect(error(.chunked, "7fffffffffffffff\r\n", limits) == .bodyTooLarge(maximum: 4))
        #expect(HTTPParseError.bodyTooLarge(maximum: 4).status == .contentTooLarge)
    }

    @Test("a body until close is bounded too")
    func untilClose() throws {
        var decoder = BodyDecoder(.untilClose, limits: BodyLimits(maximumBodyBytes: 3))
        _ = try decoder.decode("abc".bytes.rawSpan)
        #expect(throws: HTTPParseError.bodyTooLarge(maximum: 3)) { try decoder.decode("d".bytes.rawSpan) }
    }

    @Test("a route may narrow the bound, and hears at once of a length beyond it")
    func narrowed() throws {
        var counted = BodyDecoder(.length(10))
        try counted.limit(to: 10)
        #expect(throws: HTTPParseError.bodyTooLarge(maximum: 9)) { try counted.limit(to: 9) }
        var chunked = BodyDecoder(.chunked)
        _ = try chunked.decode("5\r\nhello".bytes.rawSpan)
        #expect(throws: HTTPParseError.bodyTooLarge(maximum: 4)) { try chunked.limit(to: 4) }
    }

    @Test("chunk extensions must be paid for by data")
    func extensions() {
        let limits = BodyLimits(maximumChunkExtensionBytes: 4)
        #expect(error(.chunked, "1;abcd\r\nx\r\n", limits) == nil)
        #expect(error(.chunked, "1;abcde\r\n", limits) == .chunkExtensionsTooLarge(maximum: 4))
        #expect(error(.chunked, "1;abc\r\nx\r\n1;abc\r\n", limits) == .chunkExtensionsTooLarge(maximum: 4))
        #expect(error(.chunked, "3;abc\r\nxyz\r\n3;abc\r\nxyz\r\n3;abc\r\nxyz\r\n", limits) == nil)
    }

    @Test("the trailer section is bounded")
    func trailers() {
        let limits = BodyLimits(maximumTrailerBytes: 8)
        #expect(error(.chunked, "0\r\nA: b\r\n\r\n", limits) == nil)
        #expect(error(.chunked, "0\r\nA: bcd\r\n\r\n", limits) == .trailersTooLarge(maximum: 8))
        #expect(HTTPParseError.trailersTooLarge(maximum: 8).status == .headerFieldsTooLarge)
    }
}
