import HTTP
package import Reactor
package import Telemetry

extension ValueKind<Secret<[String]>> {
    private static var range: ClosedRange<Int> { 8...256 }

    /// Tokens that a caller may show, separated by commas; of the characters that RFC 6750 has, so that they can stand
    /// in `Authorization` and, but for the slash, in a path. Those that could be guessed at once are refused.
    package static var tokens: ValueKind<Secret<[String]>> {
        ValueKind(
            forms:
                "one or more of \(range.lowerBound) to \(range.upperBound) letters, digits and `-._~+/=`, separated by commas",
            isSecret: true,
            parse: { (text) throws(InvalidValue) in
                var tokens: [String] = []
                for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                    let token = String(part.trimmingBlanks)
                    guard range.contains(token.utf8.count) else {
                        throw .breaks(
                            rule: "has a token of less than \(range.lowerBound) or more than \(range.upperBound) bytes")
                    }
                    guard token.utf8.allSatisfy(isTokenByte) else {
                        throw .breaks(rule: "has a token with other characters than letters, digits and -._~+/=")
                    }
                    tokens.append(token)
                }
                return Secret(tokens)
            },
            show: { $0.reveal().isEmpty ? .words("none") : .redacted }
        )
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~+/=".utf8.contains(byte)
        }
    }
}

extension ValueKind<[NetworkPrefix]> {
    /// Networks in CIDR form, separated by commas or blanks.
    package static var networks: ValueKind<[NetworkPrefix]> {
        ValueKind(
            forms: "networks such as `10.0.0.0/8`, `fd00::/8` or `10.0.0.5`, separated by commas",
            parse: { (text) throws(InvalidValue) in
                var networks: [NetworkPrefix] = []
                var complaints: [String] = []
                for part in text.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }) {
                    do throws(NetworkPrefix.Fault) {
                        networks.append(try NetworkPrefix(parsing: String(part)))
                    } catch {
                        complaints.append("\(quoted(String(part))) \(error.rule)")
                    }
                }
                guard complaints.isEmpty else { throw .parts(complaints) }
                // A list that holds nothing would let everybody in.
                guard !networks.isEmpty else { throw .breaks(rule: "names no network") }
                return networks
            },
            show: { networks in
                networks.isEmpty
                    ? .words("everybody") : .text(networks.map(\.description).joined(separator: ","))
            }
        )
    }
}

extension NetworkPrefix.Fault {
    fileprivate var rule: String {
        switch self {
        case .address: "is not a network: an IP address, and behind a / how many bits count"
        case .length(let maximum): "is not a network: behind the / is no number from 0 to \(maximum)"
        case .hostBits(let network): "has bits set behind its length; did you mean \(network)?"
        }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var rest = drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }
}
