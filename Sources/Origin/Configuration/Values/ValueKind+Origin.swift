import HTTP
import Service
import Telemetry

extension ValueKind<Bool> {
    /// SRS takes anything else for one of the two, which one depends on the directive; here it is refused.
    static var onOrOff: ValueKind {
        ValueKind(
            forms: "`on` or `off`",
            parse: { (text) throws(InvalidValue) in
                switch text {
                case "on": return true
                case "off": return false
                default: throw .breaks(rule: "is neither on nor off")
                }
            },
            show: { .text($0 ? "on" : "off") }
        )
    }
}

extension ValueKind<Duration> {
    /// A plain number of seconds, as SRS's configuration has them.
    static func seconds(_ range: ClosedRange<Duration>) -> ValueKind { number(of: "seconds", each: 1_000, range) }

    static func milliseconds(_ range: ClosedRange<Duration>) -> ValueKind {
        number(of: "milliseconds", each: 1, range)
    }

    private static func number(of unit: String, each milliseconds: Int64, _ range: ClosedRange<Duration>) -> ValueKind {
        @Sendable func text(_ duration: Duration) -> String {
            let (whole, rest) = duration.wholeMilliseconds.quotientAndRemainder(dividingBy: milliseconds)
            guard rest > 0 else { return "\(whole)" }
            let digits = "\(1_000 + rest)".dropFirst()
            return "\(whole).\(digits[...(digits.lastIndex { $0 != "0" } ?? digits.startIndex)])"
        }
        let forms = "number of \(unit) from \(text(range.lowerBound)) to \(text(range.upperBound))"
        return ValueKind(
            forms: forms,
            parse: { (text) throws(InvalidValue) in
                guard let duration = Duration(decimal: text, each: milliseconds), range.contains(duration) else {
                    throw .breaks(rule: "is not a \(forms)")
                }
                return duration
            },
            show: { .text(text($0)) }
        )
    }
}

extension Duration {
    /// Digits, and after a point up to three more where the unit is a second.
    fileprivate init?(decimal text: String, each milliseconds: Int64) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isNumber = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard isNumber, text.utf8.count <= 15, let whole = Int64(parts[0]) else { return nil }
        var total = whole * milliseconds
        if parts.count == 2 {
            guard milliseconds == 1_000, parts[1].utf8.count <= 3 else { return nil }
            guard let rest = Int64(parts[1] + String(repeating: "0", count: 3 - parts[1].utf8.count)) else {
                return nil
            }
            total += rest
        }
        self = .milliseconds(total)
    }

    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}

extension ValueKind<String> {
    /// A name that goes into logs and JSON.
    static var name: ValueKind {
        ValueKind(
            forms: "text",
            parse: { (text) throws(InvalidValue) in
                guard text.utf8.count <= 255 else { throw .breaks(rule: "is longer than 255 bytes") }
                return text
            },
            show: { $0.isEmpty ? .words("none") : .text($0) }
        )
    }

    /// With a host in it or without, a path means the same: the host of a request decides.
    static var mount: ValueKind {
        let forms = ["[vhost]/[app]/[stream].flv", "/[app]/[stream].flv"]
        return ValueKind(
            forms: forms.map { "`\($0)`" }.joined(separator: " or "),
            parse: { (text) throws(InvalidValue) in
                guard forms.contains(text) else {
                    throw .breaks(rule: "is not \(forms.joined(separator: " or ")): no other is supported yet")
                }
                return text
            },
            show: { .text($0) }
        )
    }
}

extension ValueKind<OriginConfiguration.Heartbeat.Label> {
    /// The bounds are those of a heartbeat.
    static var label: ValueKind {
        ValueKind(
            forms: "`name=text`, each of up to 64 bytes",
            parse: { (text) throws(InvalidValue) in
                guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
                    throw .breaks(rule: "is not a name and a text with = between them")
                }
                let word = ValueKind<String>.word(maximumBytes: 64)
                return OriginConfiguration.Heartbeat.Label(
                    name: try word.parse(String(text[..<sign])),
                    text: try word.parse(String(text[text.index(after: sign)...])))
            },
            show: { .text("\($0.name)=\($0.text)") }
        )
    }
}

extension ValueKind<HTTPURL> {
    static var url: ValueKind {
        ValueKind(
            forms: "URL with http or https",
            parse: { (text) throws(InvalidValue) in
                guard let url = try? HTTPURL(text) else {
                    throw .breaks(rule: "is not a URL such as http://10.0.0.5:12025/api/v1/srs/register")
                }
                return url
            },
            show: { .text("\($0.origin.scheme.text)://\($0.origin.authority)\($0.target)") }
        )
    }
}

extension ValueKind<LogLevel> {
    /// SRS's names of levels.
    static var srsLevel: ValueKind {
        named([("error", .error), ("warn", .warning), ("trace", .info), ("info", .debug), ("verbose", .debug)])
    }

    /// Those of `srs_log_level_v2`.
    static var srsLevelOfVersion2: ValueKind {
        named([("error", .error), ("warn", .warning), ("info", .info), ("debug", .debug), ("trace", .debug)])
    }

    private static func named(_ levels: [(name: String, level: LogLevel)]) -> ValueKind {
        let names = levels.map(\.name)
        return ValueKind(
            forms: "one of " + names.map { "`\($0)`" }.joined(separator: ", "),
            parse: { (text) throws(InvalidValue) in
                guard let level = levels.first(where: { $0.name == text })?.level else {
                    throw .breaks(rule: "is not one of \(names.joined(separator: ", "))")
                }
                return level
            },
            show: { shown in .text(levels.first { $0.level == shown }?.name ?? names[0]) }
        )
    }
}

extension ValueKind<HeartbeatSecret> {
    /// A token as RFC 6750 has it, that can stand behind `Bearer` in a field.
    static var bearer: ValueKind {
        ValueKind(
            forms: "letters, digits and `-._~+/=`",
            isSecret: true,
            parse: { (text) throws(InvalidValue) in
                let isToken = text.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                    default: "-._~+/=".utf8.contains(byte)
                    }
                }
                guard !text.isEmpty, isToken, text.utf8.count <= 256 else {
                    throw .breaks(rule: "is not 1 to 256 letters, digits and -._~+/=")
                }
                return HeartbeatSecret(text: Secret(text))
            },
            show: { _ in .redacted }
        )
    }
}
