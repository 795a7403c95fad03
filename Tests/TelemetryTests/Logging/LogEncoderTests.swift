import Bytes
import Testing

@testable import Telemetry

@Suite("A log line")
struct LogEncoderTests {
    private static let time = WallTime(milliseconds: 1_709_208_000_123)

    private static func line(
        _ fields: LogFields, _ format: LogFormat, colours: Bool = false, maximum: Int = 64, level: LogLevel = .info
    ) -> String {
        let encoder = LogEncoder(format: format, colours: colours, maximumValueBytes: maximum)
        let record = LogRecord(time: time, level: level, subsystem: "http", message: "listening", fields: fields)
        return String(copying: encoder.line(record).bytes)
    }

    private static let everyType: LogFields = [
        "text": "plain", "empty": "", "spaced": "a \"b\"\n", "int": -5, "unsigned": UInt64.max, "double": 1.5,
        "nan": Double.nan, "bool": true, "time": Duration.microseconds(12_500), "raw": SharedBytes([0x00, 0xAB]),
        "secret": Secret("hunter2"), "missing": Int?.none, "present": Int?.some(7),
    ]

    @Test("as text is time, level, subsystem, message and fields")
    func text() {
        let expected = """
            2024-02-29T12:00:00.123Z INFO  http: listening text=plain empty="" spaced="a \\"b\\"\\n" int=-5 \
            unsigned=18446744073709551615 double=1.5 nan=nan bool=true time=12.5ms raw=00ab secret=<redacted> \
            missing=null present=7

            """
        #expect(Self.line(Self.everyType, .text) == expected)
    }

    @Test("as JSON is one object with the same members")
    func json() {
        let expected = #"""
            {"time":"2024-02-29T12:00:00.123Z","level":"info","subsystem":"http","message":"listening","fields":{\#
            "text":"plain","empty":"","spaced":"a \"b\"\n","int":-5,"unsigned":18446744073709551615,"double":1.5,\#
            "nan":"nan","bool":true,"time":0.0125,"raw":"00ab","secret":"<redacted>","missing":null,"present":7}}

            """#
        #expect(Self.line(Self.everyType, .json) == expected)
    }

    @Test("without fields has none")
    func bare() {
        #expect(Self.line([:], .text) == "2024-02-29T12:00:00.123Z INFO  http: listening\n")
        let json = #"{"time":"2024-02-29T12:00:00.123Z","level":"info","subsystem":"http","message":"listening"}"#
        #expect(Self.line([:], .json) == json + "\n")
    }

    @Test(
        "in colour marks the level and dims what is always the same",
        arguments: [
            (LogLevel.error, "\u{1b}[31mERROR"), (.warning, "\u{1b}[33mWARN "), (.info, "\u{1b}[32mINFO "),
            (.debug, "\u{1b}[36mDEBUG"),
        ])
    func colours(level: LogLevel, label: String) {
        let line = Self.line(["port": 80], .text, colours: true, level: level)
        let expected =
            "\u{1b}[2m2024-02-29T12:00:00.123Z\u{1b}[0m \(label)\u{1b}[0m http: listening \u{1b}[2mport=\u{1b}[0m80\n"
        #expect(line == expected)
    }

    @Test("keeps the last of two fields with one key")
    func repeatedKey() {
        #expect(Self.line(["a": 1, "b": 2, "a": 3], .text).hasSuffix("listening b=2 a=3\n"))
    }

    @Test("cuts long values before the character that would pass the bound")
    func bound() {
        #expect(Self.line(["v": "12345678"], .text, maximum: 8).hasSuffix(" v=12345678\n"))
        #expect(Self.line(["v": "123456789"], .text, maximum: 8).hasSuffix(" v=12345678…\n"))
        #expect(Self.line(["v": "1234567é"], .text, maximum: 8).hasSuffix(" v=1234567…\n"))
        #expect(Self.line(["v": "12345678"], .json, maximum: 4).hasSuffix(#"{"v":"1234…"}}"# + "\n"))
        #expect(Self.line(["v": SharedBytes([1, 2, 3])], .text, maximum: 5).hasSuffix(" v=0102…\n"))
    }
}
