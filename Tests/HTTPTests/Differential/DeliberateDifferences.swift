import HTTP

/// Where this parser refuses what h11 accepts or still waits for: the error, why, and a look at the bytes that must
/// bear it out, written without the parser's own code.
struct DeliberateRefusal: Sendable {
    let error: HTTPParseError
    let why: String
    let isBorneOut: @Sendable (Specimen) -> Bool

    static let all: [DeliberateRefusal] = [
        DeliberateRefusal(error: .bareLineFeed, why: "h11 takes a line feed alone as the end of a line") {
            $0.hasBareLineFeed
        },
        DeliberateRefusal(error: .bareCarriageReturn, why: "h11 waits for the line feed, or takes it as text") {
            $0.hasBareCarriageReturn
        },
        DeliberateRefusal(
            error: .controlCharacter, why: "h11 allows most control characters in values, for odd cookies"
        ) {
            $0.bytes.contains { $0 < 0x20 && ![9, 10, 13].contains($0) || $0 == 0x7F }
        },
        DeliberateRefusal(error: .foldedField, why: "h11 joins folded lines") {
            $0.hasLine { $0.first == " " || $0.first == "\t" }
        },
        DeliberateRefusal(
            error: .malformedRequestLine, why: "refused when the line is there; h11 waits for the whole head"
        ) {
            !$0.hasProperRequestLine
        },
        DeliberateRefusal(error: .unsupportedVersion, why: "h11 takes any version and lets the program judge") {
            !$0.requestLine.dropLast().hasSuffix(" HTTP/1.")
        },
        DeliberateRefusal(error: .methodTooLong, why: "methods are bounded here") {
            $0.requestLine.prefix { $0 != " " }.count > 16
        },
        DeliberateRefusal(error: .malformedTarget, why: "h11 leaves the target to the program") { !$0.hasPlainTarget },
        DeliberateRefusal(error: .malformedPercentEncoding, why: "h11 leaves the target to the program") {
            $0.target.contains("%")
        },
        DeliberateRefusal(error: .encodedControlCharacter, why: "h11 leaves the target to the program") {
            $0.target.contains("%")
        },
        DeliberateRefusal(error: .invalidUTF8, why: "h11 leaves the target to the program") {
            $0.target.contains("%") || !$0.target.allSatisfy(\.isASCII)
        },
        DeliberateRefusal(error: .backslashInPath, why: "h11 leaves the target to the program") {
            $0.target.contains("\\") || $0.target.lowercased().contains("%5c")
        },
        DeliberateRefusal(error: .pathAboveRoot, why: "h11 leaves the target to the program") {
            $0.target.contains(".") || $0.target.lowercased().contains("%2e")
        },
        DeliberateRefusal(error: .malformedHost, why: "h11 does not look into Host") { !$0.hasPlainHost },
        DeliberateRefusal(error: .repeatedContentLength, why: "h11 takes equal lengths as one") {
            $0.count(of: "content-length") > 1
        },
        DeliberateRefusal(
            error: .invalidContentLength,
            why: "h11 takes equal lengths in a list, any number of digits, and a folded line"
        ) {
            $0.value(of: "content-length").map { $0.contains(",") || $0.count > 18 || Specimen.trimmed($0).isEmpty }
                ?? false
        },
        DeliberateRefusal(error: .lengthAndTransferEncoding, why: "h11 lets the coding win") {
            $0.count(of: "content-length") > 0 && $0.count(of: "transfer-encoding") > 0
        },
        DeliberateRefusal(error: .transferEncodingInHTTP10, why: "h11 takes it in any version") {
            $0.requestLine.hasSuffix("HTTP/1.0") && $0.count(of: "transfer-encoding") > 0
        },
        DeliberateRefusal(error: .unsupportedExpectation, why: "h11 ignores other expectations") {
            $0.count(of: "expect") > 0
        },
        DeliberateRefusal(
            error: .invalidChunkSize, why: "h11 takes blanks behind a size and 20 digits, and waits for a whole line"
        ) {
            $0.count(of: "transfer-encoding") > 0
        },
        DeliberateRefusal(error: .missingColon, why: "in trailers, refused when the line is there") { $0.isInTrailers },
        DeliberateRefusal(error: .invalidFieldName, why: "in trailers, refused when the line is there") {
            $0.isInTrailers
        },
        DeliberateRefusal(error: .emptyFieldName, why: "in trailers, refused when the line is there") {
            $0.isInTrailers
        },
        DeliberateRefusal(error: .whitespaceBeforeColon, why: "in trailers, refused when the line is there") {
            $0.isInTrailers
        },
    ]
}

/// Where h11 refuses what this parser accepts or still waits for.
struct DeliberateAcceptance: Sendable {
    /// Part of what h11 says.
    let reason: String
    let why: String
    let isBorneOut: @Sendable (Specimen) -> Bool

    static let all: [DeliberateAcceptance] = [
        DeliberateAcceptance(
            reason: "no request line received",
            why: "up to two empty lines before a request are skipped (RFC 9112 §2.2)"
        ) {
            $0.bytes.starts(with: [13, 10])
        },
        DeliberateAcceptance(
            reason: "illegal request line",
            why: "some players send stream names as raw UTF-8, which no delimiter can hide in"
        ) {
            !$0.target.allSatisfy(\.isASCII)
        },
        DeliberateAcceptance(
            reason: "illegal request line", why: "a lone carriage return may still become an empty line"
        ) { $0.bytes == [13] },
    ]
}

/// One case, looked at with nothing but string functions.
struct Specimen {
    let bytes: [UInt8]
    /// Latin-1, a character per byte.
    let text: String
    private let lines: [String]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        text = Self.latin1(bytes)
        var start = bytes[...]
        while start.starts(with: [13, 10]) { start = start.dropFirst(2) }
        lines = start.split(separator: 10, omittingEmptySubsequences: false).map { line in
            Self.latin1(line.last == 13 ? Array(line.dropLast()) : Array(line))
        }
    }

    static func latin1(_ bytes: [UInt8]) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: bytes.map { Unicode.Scalar($0) })
        return text
    }

    var requestLine: String { lines.first ?? "" }

    var target: String {
        let parts = requestLine.split(separator: " ", omittingEmptySubsequences: false)
        return parts.count > 1 ? String(parts[1]) : ""
    }

    var hasPlainTarget: Bool {
        target.hasPrefix("/") && !target.contains("#") && !requestLine.hasPrefix("CONNECT ")
    }

    /// Letters, digits, dots and hyphens, then perhaps a port, in `Host` and in the target.
    var hasPlainHost: Bool {
        let host = Self.trimmed(value(of: "host") ?? "").split(separator: ":", omittingEmptySubsequences: false)
        guard host.count <= 2, hasPlainTarget || target == "*" else { return false }
        let isPlain = (host.first ?? "").allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || ".-".contains($0) }
        return isPlain && (host.count < 2 || UInt16(host[1]) != nil)
    }

    static func trimmed(_ text: String) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    var hasProperRequestLine: Bool {
        let parts = requestLine.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[1].isEmpty, !parts[1].contains("\t"), parts[2].utf8.count == 8 else {
            return false
        }
        let allowed = "!#$%&'*+-.^_`|~"
        guard !parts[0].isEmpty,
            parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || allowed.contains($0) })
        else {
            return false
        }
        let version = Array(parts[2].utf8)
        return parts[2].hasPrefix("HTTP/") && (48...57).contains(version[5]) && version[6] == 46
            && (48...57).contains(version[7])
    }

    var hasBareLineFeed: Bool {
        bytes.indices.contains { bytes[$0] == 10 && ($0 == 0 || bytes[$0 - 1] != 13) }
    }

    var hasBareCarriageReturn: Bool {
        bytes.indices.contains { bytes[$0] == 13 && $0 + 1 < bytes.count && bytes[$0 + 1] != 10 }
    }

    func hasLine(_ isMeant: (String) -> Bool) -> Bool { lines.dropFirst().contains(where: isMeant) }

    func count(of name: String) -> Int {
        lines.dropFirst().count { $0.lowercased().hasPrefix(name + ":") }
    }

    func value(of name: String) -> String? {
        guard let line = lines.dropFirst().first(where: { $0.lowercased().hasPrefix(name + ":") }) else { return nil }
        return String(line.dropFirst(name.count + 1))
    }

    /// Whether a chunked body has come to its last chunk.
    var isInTrailers: Bool {
        count(of: "transfer-encoding") > 0
            && hasLine { $0.first == "0" && $0.prefix { $0 != ";" }.allSatisfy { $0 == "0" } }
    }
}
