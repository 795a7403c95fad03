import Redis
import Testing

@testable import Proxy
@testable import Service

@Suite("The value of a secret variable")
struct SecretValueTests {
    private static let secret = "hunter2hunter2"
    private static let variables: [String] = Variables.all.filter(\.isSecret).map(\.name)

    @Test("is there to be tested")
    func presence() {
        #expect(
            Self.variables == [
                "PROXY_API_TOKEN", "PROXY_REGISTER_SECRET", "PROXY_REDIS_PASSWORD", "PROXY_REDIS_URL",
            ])
    }

    @Test("is in no listing and no printed configuration", arguments: Self.variables)
    func listings(name: String) throws {
        let value = name == "PROXY_REDIS_URL" ? "redis://user:\(Self.secret)@host" : Self.secret
        let line = "\(name)='\(value)'\n"
        let sources: [([String: String], EnvironmentFileSource)] = [
            ([name: value], .absent),
            ([:], .contents(path: ".env", bytes: Array((line + line).utf8))),
        ]
        for (environment, file) in sources {
            let checked = try ProxyConfiguration.parse(environment: environment, file: file)
            var text = ""
            dump(checked, to: &text)
            text += "\(checked) \(checked.settings) \(checked.warnings) \(checked.configuration)"
            #expect(!text.contains(Self.secret))
            #expect(text.contains("<redacted>"))
        }
    }

    @Test("is nowhere where it is meant for the user of a URL, or was written in the place of one")
    func users() throws {
        let url = "redis://\(Self.secret)@host"
        let error = #expect(throws: ConfigurationMistakes.self) {
            try ProxyConfiguration.parse(environment: ["PROXY_REDIS_URL": url])
        }
        #expect(error?.description.contains(Self.secret) == false)
        let checked = try ProxyConfiguration.parse(environment: [
            "PROXY_REDIS_URL": "redis://user@host", "PROXY_REDIS_PASSWORD": Self.secret,
        ])
        var text = "\(checked.configuration.registry.redis.location)"
        dump(checked.configuration.registry.redis.location, to: &text)
        #expect(!text.contains(Self.secret) && text.contains("<redacted>"))
    }

    @Test("is in no message about a value that is refused", arguments: Self.variables)
    func refusedValues(name: String) {
        let long = Self.secret + String(repeating: "x", count: 5_000)
        let error = #expect(throws: ConfigurationMistakes.self) {
            try ProxyConfiguration.parse(environment: [name: long])
        }
        #expect(error?.description == "\(name): the value is longer than 4096 bytes")
        for invalid in [InvalidValue.breaks(rule: "is wrong"), .parts(["\"\(Self.secret)\" is wrong"])] {
            let complaints = invalid.complaints(about: Self.secret, isSecret: true)
            #expect(complaints.count == 1)
            #expect(!complaints[0].contains(Self.secret))
        }
    }

    @Test(
        "is in no message about a line that is malformed",
        arguments: [
            "@: hunter2", "@ hunter2", "@='hunter2", #"@="hunter2"#, #"@="hunter2"x"#, "@='hunter2'hunter2",
            #"@="hunter2\q""#, "@=hunter2\u{1}", "hunter2 @", "=hunter2", "9hunter2=1",
        ])
    func malformedLines(line: String) {
        let pieces = line.split(separator: "@", omittingEmptySubsequences: false)
        let text = Self.variables.map { pieces.joined(separator: $0) }.joined(separator: "\n")
        let error = #expect(throws: ConfigurationMistakes.self) {
            try ProxyConfiguration.parse(environment: [:], file: .contents(path: ".env", bytes: Array(text.utf8)))
        }
        #expect(error?.description.contains(Self.secret) == false)
    }

    @Test("is in no message about an argument that is not known")
    func arguments() {
        let options = CommandLineOptions(parsing: ["--redis-password=\(Self.secret)"])
        #expect(options.mistakes.map(\.description) == ["--redis-password is not known"])
    }

    @Test("is not shown where it is the password of a URL in another variable")
    func urls() {
        #expect(quoted("redis://user:\(Self.secret)@host:6379/p@q") == "\"…@q\"")
        // An accent makes another character of it, which changes nothing.
        #expect(quoted("redis://:\(Self.secret)@\u{301}host") == "\"…@\u{301}host\"")
        #expect(quoted("plain") == "\"plain\"")
    }
}
