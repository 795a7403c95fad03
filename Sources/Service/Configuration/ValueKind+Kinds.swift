package import Reactor
package import Telemetry

extension ValueKind<SocketAddress> {
    /// Where to listen.
    package static var listen: ValueKind<SocketAddress> {
        ValueKind(
            forms: "port or `[address]:port`",
            parse: { (text) throws(InvalidValue) in try SocketAddress(listening: text) },
            show: { .text($0.listeningText) }
        )
    }
}

extension ValueKind<UInt16> {
    /// A port of another program.
    package static var port: ValueKind {
        ValueKind(
            forms: "port",
            parse: { (text) throws(InvalidValue) in
                guard let port = UInt16(portDigits: text), port > 0 else {
                    throw .breaks(rule: "is not a port from 1 to 65535")
                }
                return port
            },
            show: { .text("\($0)") }
        )
    }
}

extension ValueKind<Int> {
    package static func count(_ range: ClosedRange<Int>) -> ValueKind {
        let forms = "number from \(range.lowerBound) to \(range.upperBound)"
        return ValueKind(
            forms: forms,
            parse: { (text) throws(InvalidValue) in
                let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
                guard isNumber, let number = Int(text), range.contains(number) else {
                    throw .breaks(rule: "is not a \(forms)")
                }
                return number
            },
            show: { .text("\($0)") }
        )
    }
}

extension ValueKind<String> {
    /// A name that is shown in logs and listings.
    /// `excluded` are characters that have another meaning where the text goes.
    package static func word(maximumBytes: Int, without excluded: [Character] = []) -> ValueKind {
        let list = excluded.map { "\($0)" }.joined(separator: " or ")
        return ValueKind(
            forms: "text of up to \(maximumBytes) bytes" + (excluded.isEmpty ? "" : " without \(list)"),
            parse: { (text) throws(InvalidValue) in
                guard text.utf8.count <= maximumBytes else {
                    throw .breaks(rule: "is longer than \(maximumBytes) bytes")
                }
                guard text.unicodeScalars.allSatisfy(\.isPrintable) else {
                    throw .breaks(rule: "holds a control or format character")
                }
                guard !text.contains(where: excluded.contains) else { throw .breaks(rule: "holds \(list)") }
                return text
            },
            show: { $0.isEmpty ? .words("none") : .text($0) }
        )
    }
}

extension Unicode.Scalar {
    /// No control character, and none that changes how its neighbours are shown.
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension ValueKind<Duration> {
    package static func duration(_ range: ClosedRange<Duration>) -> ValueKind {
        let bounds = "from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        return ValueKind(
            forms: "duration \(bounds), such as `20s`, `500ms` or `1m30s`",
            parse: { (text) throws(InvalidValue) in
                guard let duration = DurationText.parse(text) else {
                    throw .breaks(rule: "is not a duration such as 20s, 500ms or 1m30s")
                }
                guard range.contains(duration) else { throw .breaks(rule: "is not a duration \(bounds)") }
                return duration
            },
            show: { .text(DurationText.text($0)) }
        )
    }
}

extension ValueKind<Bool> {
    package static var onOff: ValueKind {
        ValueKind(
            forms: "`on` or `off` (also true, false, yes, no, 1, 0)",
            parse: { (text) throws(InvalidValue) in
                switch text.lowercased() {
                case "on", "true", "yes", "1": return true
                case "off", "false", "no", "0": return false
                default: throw .breaks(rule: "is neither on nor off")
                }
            },
            show: { .text($0 ? "on" : "off") }
        )
    }
}

extension ValueKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the names of an enum; upper case does not matter.
    package static var oneOf: ValueKind {
        let names = Value.allCases.map(\.rawValue)
        return ValueKind(
            forms: "one of " + names.map { "`\($0)`" }.joined(separator: ", "),
            parse: { (text) throws(InvalidValue) in
                guard let value = Value(rawValue: text.lowercased()) else {
                    throw .breaks(rule: "is not one of \(names.joined(separator: ", "))")
                }
                return value
            },
            show: { .text($0.rawValue) }
        )
    }
}

extension ValueKind<LogFilter> {
    /// How much is logged by the program, whose parts are `subsystems`.
    package static func logFilter(_ subsystems: [LogSubsystem]) -> ValueKind {
        let levels = LogLevel.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        return ValueKind(
            forms:
                "one of \(levels), or with levels of its own for parts of the program: `info,\(subsystems[0].name)=debug`",
            parse: { (text) throws(InvalidValue) in
                do throws(LogFilterError) {
                    return try LogFilter(parsing: text, subsystems: subsystems)
                } catch {
                    throw .parts(error.mistakes.map(\.description))
                }
            },
            show: { filter in
                let own =
                    subsystems
                    .filter { filter.level(of: $0) != filter.defaultLevel }
                    .map { ",\($0.name)=\(filter.level(of: $0).rawValue)" }
                return .text(filter.defaultLevel.rawValue + own.joined())
            }
        )
    }
}

// MARK: - Text

extension ValueKind<String> {
    /// A path, absolute or from the working directory; nothing is looked for there.
    package static var path: ValueKind {
        ValueKind(
            forms: "path",
            parse: { (text) throws(InvalidValue) in
                guard !text.utf8.contains(0) else { throw .breaks(rule: "is not a path: it holds a zero byte") }
                return text
            },
            show: { .text($0) }
        )
    }
}

extension ValueKind<HostName> {
    /// A DNS name (RFC 1123 §2.1, and underscores, which names of containers have) or an address.
    package static var host: ValueKind<HostName> {
        ValueKind(
            forms: "name or IP address",
            parse: { (text) throws(InvalidValue) in
                guard let host = HostName(text) else { throw .breaks(rule: "is not a host name or an IP address") }
                return host
            },
            show: { .text($0.description) }
        )
    }
}

extension ValueKind<Secret<String>> {
    /// Text that no message and no listing shows.
    package static var secret: ValueKind {
        ValueKind(
            forms: "text",
            isSecret: true,
            parse: { (text) throws(InvalidValue) in Secret(text) },
            show: { _ in .redacted }
        )
    }
}
