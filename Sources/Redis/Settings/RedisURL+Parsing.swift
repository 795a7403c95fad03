import Reactor
import Telemetry

extension RedisURL {
    private enum Kind { case single, sentinel, cluster }

    /// Every scheme, with what it means.
    private static let schemes: KeyValuePairs<String, (kind: Kind, isSecure: Bool)> = [
        "redis": (.single, false), "rediss": (.single, true),
        "redis+sentinel": (.sentinel, false), "rediss+sentinel": (.sentinel, true),
        "redis+cluster": (.cluster, false), "rediss+cluster": (.cluster, true),
    ]

    package init(_ text: String, limits: Limits = Limits()) throws(RedisURLError) {
        guard text.utf8.count <= limits.maximumBytes else { throw .oversized(maximum: limits.maximumBytes) }
        guard let mark = text.utf8.firstRange(of: "://".utf8),
            let scheme = Self.schemes.first(where: { $0.key == text[..<mark.lowerBound].lowercased() })?.value
        else { throw .scheme }
        guard !text.utf8.contains(UInt8(ascii: "#")) else { throw .excess }
        let (front, query) = Self.cut(text.utf8[mark.upperBound...], at: "?")
        let (authority, path) = Self.cut(front, at: "/")
        guard path?.contains(UInt8(ascii: "@")) != true else { throw .userBehindSlash }
        let userEnd = authority.lastIndex(of: UInt8(ascii: "@"))
        let hosts = userEnd.map { authority[authority.index(after: $0)...] } ?? authority
        let port = scheme.kind == .sentinel ? RedisEndpoint.sentinelPort : RedisEndpoint.defaultPort
        let endpoints = try Self.endpoints(hosts, defaultPort: port, limits: limits)
        let steps = path.map { $0.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) } ?? []
        switch scheme.kind {
        case .single:
            guard endpoints.count == 1 else { throw .severalHosts }
            self.init(.single(endpoints[0]))
            try readDatabase(steps[...])
        case .cluster:
            self.init(.cluster(endpoints))
            try readDatabase(steps[...])
            guard database == 0 else { throw .databaseOfCluster }
        case .sentinel:
            guard let first = steps.first, !first.isEmpty else { throw .missingMaster }
            self.init(.sentinel(endpoints, master: try Self.decoded(first, .master)))
            try readDatabase(steps.dropFirst())
        }
        if let userEnd { try readCredentials(authority[..<userEnd]) }
        if scheme.isSecure { security = Security() }
        if let query { try readOptions(query) }
    }
}

// MARK: - The parts

extension RedisURL {
    private typealias Piece = Substring.UTF8View

    /// What is before the first `mark`, and what is behind it; nil where there is none.
    private static func cut(_ text: Piece, at mark: Unicode.Scalar) -> (Piece, Piece?) {
        guard let place = text.firstIndex(of: UInt8(ascii: mark)) else { return (text, nil) }
        return (text[..<place], text[text.index(after: place)...])
    }

    private static func endpoints(
        _ list: Piece, defaultPort: UInt16, limits: Limits
    ) throws(RedisURLError) -> [RedisEndpoint] {
        let hosts = list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard hosts.count <= limits.maximumHosts else { throw .tooManyHosts(maximum: limits.maximumHosts) }
        var endpoints: [RedisEndpoint] = []
        for (index, text) in hosts.enumerated() {
            // The colon of a port is behind the bracket of an address.
            let bracket = text.lastIndex(of: UInt8(ascii: "]"))
            let colon = text[(bracket ?? text.startIndex)...].firstIndex(of: UInt8(ascii: ":"))
            var port: UInt16? = defaultPort
            if let colon { port = Self.number(text[text.index(after: colon)...]).flatMap { UInt16(exactly: $0) } }
            guard let host = HostName(String(Substring(text[..<(colon ?? text.endIndex)]))) else {
                throw .malformedHost(number: index + 1)
            }
            guard let port, port > 0 else { throw .malformedPort(number: index + 1) }
            endpoints.append(RedisEndpoint(host, port: port))
        }
        return endpoints
    }

    private mutating func readCredentials(_ text: Piece) throws(RedisURLError) {
        let (user, password) = Self.cut(text, at: ":")
        let name = user.isEmpty ? nil : try Self.decoded(user, .user)
        guard let password, name != nil || !password.isEmpty else {
            self.user = name
            return
        }
        credentials = RedisCredentials(user: name, password: Secret(try Self.decoded(password, .password)))
    }

    /// Nothing, or a number; an empty step is none.
    private mutating func readDatabase(_ steps: ArraySlice<Piece>) throws(RedisURLError) {
        guard let step = steps.first else { return }
        guard steps.count == 1 else { throw .excess }
        guard !step.isEmpty else { return }
        guard let number = Self.number(step), number <= Int32.max else { throw .malformed(.database) }
        database = number
    }

    /// Digits alone, few enough for any port and any database.
    private static func number(_ text: Piece) -> Int? {
        guard (1...10).contains(text.count), text.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
            return nil
        }
        return Int(String(Substring(text)))
    }

    private static func decoded(_ text: Piece, _ part: RedisURLError.Part) throws(RedisURLError) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                throw .malformed(part)
            }
            bytes.append(high << 4 | low)
        }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { throw .malformed(part) }
        return text
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

// MARK: - Options

extension RedisURL {
    private mutating func readOptions(_ query: Piece) throws(RedisURLError) {
        guard !query.isEmpty else { return }
        var seen: Set<String> = []
        var sentinel: (user: String?, password: String?) = (nil, nil)
        for (index, text) in query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            let (key, rest) = Self.cut(text, at: "=")
            let name = String(Substring(key))
            guard let rest else { throw .unknownOption(number: number) }
            guard seen.insert(name).inserted else { throw .repeatedOption(number: number) }
            let value = try Self.decoded(rest, .option)
            switch name {
            case "ca", "verify", "servername": try setSecurity(name, value, number)
            case "sentinel_user", "sentinel_password":
                guard case .sentinel = deployment else { throw .optionWithoutSentinel(number: number) }
                if name == "sentinel_user" { sentinel.user = value } else { sentinel.password = value }
            default: throw .unknownOption(number: number)
            }
        }
        guard let password = sentinel.password else {
            guard sentinel.user == nil else { throw .userWithoutPassword }
            return
        }
        sentinelCredentials = RedisCredentials(user: sentinel.user, password: Secret(password))
    }

    private mutating func setSecurity(_ name: String, _ value: String, _ number: Int) throws(RedisURLError) {
        guard security != nil else { throw .optionWithoutTLS(number: number) }
        guard !value.isEmpty else { throw .malformed(.option) }
        switch (name, value) {
        case ("ca", _): security?.authorities = value
        case ("verify", "full"): security?.verification = .full
        case ("verify", "none"): security?.verification = .none
        case ("verify", _): throw .malformed(.option)
        default: security?.serverName = value
        }
    }
}
