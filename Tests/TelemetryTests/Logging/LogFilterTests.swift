import Telemetry
import Testing

@Suite("A log filter")
struct LogFilterTests {
    private static let subsystems = [LogSubsystem("reactor"), LogSubsystem("http"), LogSubsystem("proxy")]

    @Test(
        "gives each subsystem its level",
        arguments: [
            ("", LogLevel.info, LogLevel.info, LogLevel.info),
            ("   ", .info, .info, .info),
            ("warning", .warning, .warning, .warning),
            ("info,reactor=debug,http=warning", .debug, .warning, .info),
            ("http=error", .info, .error, .info),
            ("http=debug,error", .error, .debug, .error),
            (" INFO , Reactor = Debug ", .debug, .info, .info),
        ])
    func levels(text: String, reactor: LogLevel, http: LogLevel, proxy: LogLevel) throws {
        let filter = try LogFilter(parsing: text, subsystems: Self.subsystems)
        #expect(Self.subsystems.map(filter.level(of:)) == [reactor, http, proxy])
    }

    @Test(
        "names every mistake and its rule at once",
        arguments: [
            ("loud", [#""loud" is not a level (error, warning, info, debug)"#]),
            ("http=loud", [#""loud" is not a level (error, warning, info, debug)"#]),
            ("http=", [#""http=" names no level (error, warning, info, debug)"#]),
            ("=debug", [#""=debug" names no subsystem"#]),
            ("=", [#""=" names no subsystem"#]),
            ("quic=debug", [#""quic" is not a subsystem (http, proxy, reactor)"#]),
            ("info,debug", [#""debug" is a second level for all subsystems"#]),
            ("http=info,http=info", [#""http" is set twice"#]),
            ("http=debug=info", [#""debug=info" is not a level (error, warning, info, debug)"#]),
            ("info,,http=debug,", ["entry 2 is empty", "entry 4 is empty"]),
            (
                "loud,quic=debug,http=",
                [
                    #""loud" is not a level (error, warning, info, debug)"#,
                    #""quic" is not a subsystem (http, proxy, reactor)"#,
                    #""http=" names no level (error, warning, info, debug)"#,
                ]
            ),
        ])
    func mistakes(text: String, messages: [String]) {
        let error = #expect(throws: LogFilterError.self) {
            try LogFilter(parsing: text, subsystems: Self.subsystems)
        }
        #expect(error?.mistakes.map(\.description) == messages)
    }
}
