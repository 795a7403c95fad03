import Bytes
import HTTP
import TestKit
import Testing

@Suite("Method") struct MethodTests {
    @Test(
        "names are read and written",
        arguments: [
            "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND", "get", "A",
            "VERSION-CONTROL",
            "ABCDEFGH", "ABCDEFGHI", "M-SEARCH!#$%&'*+",
        ])
    func roundTrip(name: String) { #expect(Method(name.bytes.rawSpan)?.description == name) }

    @Test("known names have cases of their own, in capitals only")
    func known() {
        #expect(Method("GET".bytes.rawSpan) == .get)
        #expect(Method("OPTIONS".bytes.rawSpan) == .options)
        #expect(Method("get".bytes.rawSpan) != .get)
    }

    @Test("what is no token or too long is no method", arguments: ["", "A B", "A:", "é", "ABCDEFGHIJKLMNOPQ"])
    func refused(name: String) { #expect(Method(name.bytes.rawSpan) == nil) }

    @Test(
        "what asks for no change, and what may be sent again",
        arguments: [
            (Method.get, true, true), (.head, true, true), (.options, true, true), (.trace, true, true),
            (.put, false, true),
            (.delete, false, true), (.post, false, false), (.patch, false, false), (.connect, false, false),
            (.other(MethodName("X".bytes.rawSpan)!), false, false),
        ])
    func kinds(method: Method, isSafe: Bool, isIdempotent: Bool) {
        #expect(method.isSafe == isSafe)
        #expect(method.isIdempotent == isIdempotent)
    }
}

@Suite("Status") struct StatusTests {
    @Test(
        "interim, 204 and 304 responses have no body",
        arguments: [
            (100, true), (101, true), (103, true), (200, false), (204, true), (205, false), (304, true), (404, false),
        ] as [(UInt16, Bool)])
    func bodies(code: UInt16, expected: Bool) { #expect(Status(code).forbidsBody == expected) }

    @Test(
        "every status the core can answer with has a reason",
        arguments: [
            Status.badRequest, .contentTooLarge, .uriTooLong, .headerFieldsTooLarge, .expectationFailed,
            .notImplemented,
            .versionNotSupported, .requestTimeout, .upgradeRequired, .rangeNotSatisfiable, .preconditionFailed,
        ])
    func reasons(status: Status) { #expect(status.reason.utf8CodeUnitCount > 0) }
}

@Suite("HTTPParseError") struct HTTPParseErrorTests {
    static let table: [(Status, [HTTPParseError])] = [
        (.uriTooLong, [.targetTooLong(maximum: 1)]),
        (
            .headerFieldsTooLarge,
            [.headTooLarge(maximum: 1), .tooManyFields(maximum: 1), .trailersTooLarge(maximum: 1)]
        ),
        (.notImplemented, [.methodTooLong, .unsupportedTransferEncoding]),
        (.versionNotSupported, [.unsupportedVersion]),
        (.expectationFailed, [.unsupportedExpectation]),
        (.contentTooLarge, [.bodyTooLarge(maximum: 1)]),
        (
            .badRequest,
            [
                .bareLineFeed, .bareCarriageReturn, .controlCharacter, .malformedRequestLine, .malformedStatusLine,
                .malformedTarget, .malformedPercentEncoding, .encodedControlCharacter, .backslashInPath, .invalidUTF8,
                .pathAboveRoot, .missingHost, .repeatedHost, .malformedHost, .tooManyQueryItems(maximum: 1),
                .foldedField, .emptyFieldName, .whitespaceBeforeColon, .invalidFieldName, .missingColon,
                .invalidContentLength, .repeatedContentLength, .lengthAndTransferEncoding, .transferEncodingInHTTP10,
                .repeatedTransferEncoding, .invalidChunkSize, .chunkExtensionsTooLarge(maximum: 1), .missingChunkEnd,
                .truncated,
            ]
        ),
    ]

    @Test("each error has its status", arguments: table)
    func statuses(status: Status, errors: [HTTPParseError]) {
        for error in errors { #expect(error.status == status, "\(error)") }
    }

    @Test("each error has a message of its own that can stand in JSON as it is")
    func messages() {
        let messages = Self.table.flatMap(\.1).map(\.message.description)
        #expect(Set(messages).count == messages.count)
        for message in messages {
            #expect(!message.isEmpty && message.allSatisfy { $0.isASCII && $0 != "\"" && $0 != "\\" })
        }
    }
}

@Suite("UTF8Validator") struct UTF8ValidatorTests {
    static let good: [[UInt8]] = [
        [], [0x00], [0x7F], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80],
        [0xEF, 0xBF, 0xBF],
        [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], Array("plain text, then é, 中 and 😀, then plain again".utf8),
    ]

    static let bad: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
        [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC2, 0x41], [0xE1, 0x80, 0x41], [0x41, 0xC2], [0xE4, 0xB8],
        [0xF0, 0x9F, 0x98],
    ]

    private func isValid(_ bytes: [UInt8], cut: Int) -> Bool {
        var validator = UTF8Validator()
        guard validator.accept(bytes.rawSpan.extracting(0..<cut)) else { return false }
        return validator.accept(bytes.rawSpan.extracting(cut..<bytes.count)) && validator.isComplete
    }

    @Test("valid text is accepted, wherever it is cut", arguments: good)
    func accepted(bytes: [UInt8]) {
        for cut in 0...bytes.count { #expect(isValid(bytes, cut: cut)) }
    }

    @Test("invalid text is refused, wherever it is cut and whatever stands before it", arguments: bad)
    func refused(bytes: [UInt8]) {
        let longer = Array("twelve bytes".utf8) + bytes
        for cut in 0...bytes.count { #expect(!isValid(bytes, cut: cut)) }
        for cut in 0...longer.count { #expect(!isValid(longer, cut: cut)) }
    }

    @Test("it agrees with the standard library on every pair of bytes and random longer runs")
    func agreement() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second]
                #expect(UTF8Validator.isValid(bytes.rawSpan) == (String(validating: bytes, as: UTF8.self) != nil))
            }
        }
        var generator = SplitMix(seed: 7)
        for _ in 0..<20000 {
            let bytes = (0..<4).map { _ in UInt8.random(in: 0x70...0xFF, using: &generator) }
            #expect(UTF8Validator.isValid(bytes.rawSpan) == (String(validating: bytes, as: UTF8.self) != nil))
        }
    }
}
