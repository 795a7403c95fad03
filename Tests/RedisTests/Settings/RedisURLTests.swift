import Reactor
import Redis
import RedisModel
import Telemetry
import Testing

@Suite("A URL of Redis")
struct RedisURLTests {
    static func endpoint(_ host: String, _ port: UInt16) -> RedisEndpoint {
        RedisEndpoint(HostName(host)!, port: port)
    }

    static let deployments: [(String, RedisDeployment, Int)] = [
        ("redis://h", .single(endpoint("h", 6379)), 0),
        ("REDIS://10.0.0.5:7000/", .single(endpoint("10.0.0.5", 7000)), 0),
        ("redis://[::1]/3", .single(endpoint("::1", 6379)), 3),
        ("rediss://[2001:db8::5]:7001/15", .single(endpoint("2001:db8::5", 7001)), 15),
        ("redis+sentinel://a,b:7/mine", .sentinel([endpoint("a", 26379), endpoint("b", 7)], master: "mine"), 0),
        (
            "rediss+sentinel://[::1]:1,a/m%2Fy/2",
            .sentinel([endpoint("::1", 1), endpoint("a", 26379)], master: "m/y"), 2
        ),
        ("redis+cluster://a:1,b,c:3", .cluster([endpoint("a", 1), endpoint("b", 6379), endpoint("c", 3)]), 0),
        ("rediss+cluster://a/0", .cluster([endpoint("a", 6379)]), 0),
    ]

    @Test("names servers, how they belong together, and a database", arguments: deployments)
    func servers(text: String, deployment: RedisDeployment, database: Int) throws {
        let url = try RedisURL(text)
        #expect(url.deployment == deployment && url.database == database)
        #expect(url.credentials == nil && (url.security != nil) == text.hasPrefix("rediss"))
    }

    @Test("written of what was read is read as the same", arguments: deployments.map(\.0) + credentials.map(\.0))
    func again(text: String) throws { try checkRedisURL(Array(text.utf8)) }

    static let credentials: [(String, String?, String?)] = [
        ("redis://:pw@h", nil, "pw"),
        ("redis://u:p%40%3a%2F%25@h", "u", "p@:/%"),
        ("redis://u:@h", "u", ""),
        ("redis://u:a:b@h", "u", "a:b"),
        ("redis://u:a@b@h", "u", "a@b"),
        ("redis://%c3%bc:p@h", "ü", "p"),
        ("redis://:@h", nil, nil),
        ("redis://u@h", nil, nil),
        ("redis://@h", nil, nil),
    ]

    @Test("may have a user and a password", arguments: credentials)
    func users(text: String, user: String?, password: String?) throws {
        let url = try RedisURL(text)
        #expect(url.credentials?.user == user && url.credentials?.password.reveal() == password)
    }

    @Test(
        "may have a user alone, whose password is somewhere else",
        arguments: [
            ("redis://u@h", "u"), ("rediss://%c3%bc@h:1/2", "ü"), ("redis+sentinel://u@a,b/m", "u"),
            ("redis+cluster://u@a", "u"), ("redis://@h", nil), ("redis://:@h", nil), ("redis://u:@h", nil),
            ("redis://h", nil),
        ])
    func userAlone(text: String, user: String?) throws {
        #expect(try RedisURL(text).user == user)
        try checkRedisURL(Array(text.utf8))
    }

    @Test("has options for TLS and for Sentinel")
    func options() throws {
        let url = try RedisURL(
            "rediss+sentinel://u:p@a/m?ca=%2Fetc%2Fca.pem&verify=none&servername=x&sentinel_user=s&sentinel_password=t")
        var security = RedisURL.Security()
        security.authorities = "/etc/ca.pem"
        security.verification = .none
        security.serverName = "x"
        #expect(url.security == security)
        #expect(url.sentinelCredentials?.user == "s" && url.sentinelCredentials?.password.reveal() == "t")
        #expect(try RedisURL("rediss://h?verify=full").security == RedisURL.Security())
    }

    static let mistakes: [(String, RedisURLError)] = [
        ("", .scheme), ("h:6379", .scheme), ("http://h", .scheme), ("redis+x://h", .scheme),
        ("redis://", .malformedHost(number: 1)), ("redis:///1", .malformedHost(number: 1)),
        ("redis://:hunter2", .malformedHost(number: 1)), ("redis://u:hunter2", .malformedPort(number: 1)),
        ("redis://h:0", .malformedPort(number: 1)), ("redis://h:65536", .malformedPort(number: 1)),
        ("redis://h:", .malformedPort(number: 1)), ("redis://h:+1", .malformedPort(number: 1)),
        ("redis://::1", .malformedHost(number: 1)), ("redis://[::1", .malformedHost(number: 1)),
        ("redis://[::1]x", .malformedHost(number: 1)), ("redis://[127.0.0.1]", .malformedHost(number: 1)),
        ("redis://a,b", .severalHosts), ("redis+cluster://a,,b", .malformedHost(number: 2)),
        ("redis+cluster://a,b:x", .malformedPort(number: 2)),
        ("redis+cluster://a,b,c,d,e", .tooManyHosts(maximum: 4)),
        ("redis://h/x", .malformed(.database)), ("redis://h/-1", .malformed(.database)),
        ("redis://h/2147483648", .malformed(.database)), ("redis://h/1/2", .excess), ("redis://h#x", .excess),
        ("redis+cluster://h/1", .databaseOfCluster), ("redis+sentinel://h", .missingMaster),
        ("redis+sentinel://h/", .missingMaster), ("redis+sentinel://h/m/1/2", .excess),
        ("redis://u:hunter2/x@h/1", .userBehindSlash), ("redis+sentinel://u:6379/hunter2@h/m", .userBehindSlash),
        ("redis://%4@h", .malformed(.user)), ("redis://u:%4@h", .malformed(.password)),
        ("redis://%zz:p@h", .malformed(.user)), ("redis://u:%ff@h", .malformed(.password)),
        ("redis://u:%00@h", .malformed(.password)), ("redis+sentinel://h/%", .malformed(.master)),
        ("redis://h?hunter2", .unknownOption(number: 1)), ("rediss://h?ca=a&x=1", .unknownOption(number: 2)),
        ("rediss://h?ca=a&ca=b", .repeatedOption(number: 2)), ("redis://h?ca=a", .optionWithoutTLS(number: 1)),
        ("redis://h?sentinel_user=a", .optionWithoutSentinel(number: 1)),
        ("redis+sentinel://h/m?sentinel_user=a", .userWithoutPassword),
        ("rediss://h?verify=yes", .malformed(.option)), ("rediss://h?ca=", .malformed(.option)),
        ("rediss://h?ca=%", .malformed(.option)),
        ("redis://" + String(repeating: "x", count: 200), .oversized(maximum: 200)),
    ]

    @Test("that is wrong is refused with the place of the mistake, and nothing of what is there", arguments: mistakes)
    func refuses(text: String, error: RedisURLError) {
        var limits = RedisURL.Limits()
        limits.maximumBytes = 200
        limits.maximumHosts = 4
        #expect(throws: error) { try RedisURL(text, limits: limits) }
        #expect(!"\(error)".isEmpty && !"\(error)".contains("hunter2"))
    }

    @Test("never shows its passwords")
    func secrecy() throws {
        let url = try RedisURL("redis+sentinel://u:hunter2@h/m?sentinel_user=s&sentinel_password=hunter3")
        var dumped = ""
        dump(url, to: &dumped)
        for text in ["\(url)", String(reflecting: url), dumped] { #expect(!text.contains("hunter")) }
    }
}

@Suite("The pauses of a link")
struct RedisBackoffTests {
    @Test("double up to the longest, and are shorter by up to a half")
    func pauses() {
        let backoff = RedisBackoff()
        let whole = [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]
        for (index, milliseconds) in whole.enumerated() {
            #expect(backoff.pause(afterFailures: index + 1, draw: 1_000) == .milliseconds(milliseconds))
            #expect(backoff.pause(afterFailures: index + 1, draw: 0) == .milliseconds(milliseconds) / 2)
        }
        #expect(backoff.pause(afterFailures: .max, draw: .max) <= .seconds(5))
    }
}
