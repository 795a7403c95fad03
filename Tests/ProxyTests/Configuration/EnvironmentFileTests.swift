import Bytes
import Testing

@testable import Proxy
@testable import Service

@Suite("An environment file")
struct EnvironmentFileTests {
    @Test(
        "has these lines",
        arguments: [
            ("A=1", "A", "1"),
            ("A=", "A", ""),
            ("A= ", "A", ""),
            ("  A  =  1  ", "A", "1"),
            ("\tA\t=\t1\t", "A", "1"),
            ("_a9=1", "_a9", "1"),
            ("export A=1", "A", "1"),
            ("  export\tA = 1", "A", "1"),
            ("exportA=1", "exportA", "1"),
            ("export=1", "export", "1"),
            ("export =1", "export", "1"),
            ("A=b=c=", "A", "b=c="),
            ("A=b c", "A", "b c"),
            ("A=1#2", "A", "1#2"),
            ("A=#2", "A", "#2"),
            ("A= #2", "A", ""),
            ("A=1 #2", "A", "1"),
            ("A=1  # 2 # 3", "A", "1"),
            (#"A=b"c"#, "A", #"b"c"#),
            (#"A=b\nc"#, "A", #"b\nc"#),
            ("A=$HOME", "A", "$HOME"),
            ("A=''", "A", ""),
            (#"A="""#, "A", ""),
            ("A=' 1 '", "A", " 1 "),
            (#"A=' #"\n$x '  # y'"#, "A", ##" #"\n$x "##),
            ("A=\" 1 # ' \" \t # c", "A", " 1 # ' "),
            (#"A="\n\r\t\"\\\$""#, "A", "\n\r\t\"\\$"),
            ("A=größer 🎥", "A", "größer 🎥"),
            ("A=\"größer 🎥\"", "A", "größer 🎥"),
        ])
    func lines(line: String, name: String, value: String) throws {
        for ending in ["", "\n", "\r\n", "\r"] {
            let file = try parse("# first\n\(line)\(ending)")
            #expect(file.malformed.isEmpty)
            #expect(file.entries == [EnvironmentFile.Entry(name: name, value: value, line: 2)])
        }
    }

    @Test(
        "says nothing where lines are empty or comments",
        arguments: ["", "\n", "\r\n", " \t\n\n", "#", " # A=1\n#B=2"])
    func silence(text: String) throws {
        let file = try parse(text)
        #expect(file.entries.isEmpty)
        #expect(file.malformed.isEmpty)
    }

    @Test(
        "names the rule that a line breaks",
        arguments: [
            ("A", EnvironmentFile.Fault.missingEquals),
            ("A B=1", .missingEquals),
            ("A: 1", .missingEquals),
            ("A-B=1", .missingEquals),
            ("export", .missingEquals),
            ("export A", .missingEquals),
            ("größe=1", .missingEquals),
            ("=1", .malformedName),
            ("1A=1", .malformedName),
            ("export 1A=1", .malformedName),
            ("ärger=1", .malformedName),
            ("'A'=1", .malformedName),
            ("A='1", .unclosedQuote),
            (#"A="1"#, .unclosedQuote),
            (#"A="1\"#, .unclosedQuote),
            (#"A="1\""#, .unclosedQuote),
            ("A='1'2", .textAfterQuote),
            ("A='1' 2", .textAfterQuote),
            ("A='1'#2", .textAfterQuote),
            (#"A="1""2""#, .textAfterQuote),
            (#"A="\x""#, .unknownEscape),
            (#"A="\ä""#, .unknownEscape),
            ("A=\u{0}", .controlCharacter),
            ("A=\u{7F}", .controlCharacter),
            ("A=1\r2", .controlCharacter),
            ("# \u{1B}[31m", .controlCharacter),
        ])
    func faults(line: String, fault: EnvironmentFile.Fault) throws {
        let file = try parse("\nA=1\n\(line)\nB=2\n")
        #expect(file.malformed == [EnvironmentFile.MalformedLine(line: 3, fault: fault)])
        #expect(file.entries.map(\.name) == ["A", "B"])
    }

    @Test("is UTF-8", arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]])
    func encoding(bytes: [UInt8]) throws {
        for prefix in ["A=", "A='", "#"] {
            let file = try EnvironmentFile(parsing: (Array(prefix.utf8) + bytes).rawSpan)
            #expect(file.malformed == [EnvironmentFile.MalformedLine(line: 1, fault: .notUTF8)])
        }
    }

    @Test("may begin with a byte order mark, once")
    func byteOrderMark() throws {
        #expect(try parse("\u{FEFF}A=1").entries == [EnvironmentFile.Entry(name: "A", value: "1", line: 1)])
        #expect(try parse("\u{FEFF}").entries.isEmpty)
        #expect(try parse("\u{FEFF}\u{FEFF}A=1").malformed.map(\.fault) == [.malformedName])
        for count in 1...2 {
            let cut = Array("\u{FEFF}".utf8.prefix(count))
            #expect(try EnvironmentFile(parsing: cut.rawSpan).malformed.map(\.fault) == [.notUTF8])
        }
    }

    @Test("keeps the order and every line of a repeated name")
    func repeats() throws {
        #expect(try parse("A=1\nB=2\nA=3").entries.map { "\($0.line)\($0.name)\($0.value)" } == ["1A1", "2B2", "3A3"])
    }

    @Test("has a bound, and one for the mistakes that are told")
    func bounds() throws {
        let limit = EnvironmentFile.Limits().maximumBytes
        let longest = [UInt8](repeating: UInt8(ascii: "\n"), count: limit)
        #expect(try EnvironmentFile(parsing: longest.rawSpan).entries.isEmpty)
        #expect(throws: EnvironmentFileTooLarge(maximumBytes: limit)) {
            try EnvironmentFile(parsing: (longest + [0]).rawSpan)
        }
        let file = try parse(String(repeating: "?\n", count: 25))
        #expect(file.malformed.map(\.line) == Array(1...20))
        #expect(file.furtherMalformed == 5)

        let error = #expect(throws: ConfigurationMistakes.self) {
            try ProxyConfiguration.parse(
                environment: [:],
                file: .contents(path: "x.env", bytes: Array(String(repeating: "?\n", count: 25).utf8)))
        }
        #expect(error?.mistakes.last?.description == "x.env: 5 more lines are malformed")
        let tooLarge = #expect(throws: ConfigurationMistakes.self) {
            try ProxyConfiguration.parse(environment: [:], file: .contents(path: "x.env", bytes: longest + [0]))
        }
        #expect(tooLarge?.description == "x.env: is larger than 65536 bytes")
    }

    private func parse(_ text: String) throws -> EnvironmentFile {
        try EnvironmentFile(parsing: Array(text.utf8).rawSpan)
    }
}
