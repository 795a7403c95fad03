import Telemetry
import Testing

@Suite("A log format")
struct LogFormatTests {
    @Test(
        "is read from its name",
        arguments: [("", LogFormat.text), ("text", .text), ("json", .json), ("JSON", .json)])
    func names(text: String, format: LogFormat) throws {
        #expect(try LogFormat(parsing: text) == format)
    }

    @Test("refuses another name and says which there are")
    func mistake() {
        let error = #expect(throws: LogFormatError.self) { try LogFormat(parsing: "xml") }
        #expect(error?.description == #""xml" is not a log format (text, json)"#)
    }

    @Test("has colours only on a terminal whose user wants them")
    func colours() throws {
        let terminal = try Terminal()
        let pipe = try OutputPipe()
        #expect(LogFormat.usesColours(on: terminal.descriptor, noColor: nil))
        #expect(LogFormat.usesColours(on: terminal.descriptor, noColor: ""))
        #expect(!LogFormat.usesColours(on: terminal.descriptor, noColor: "1"))
        #expect(!LogFormat.usesColours(on: pipe.writeEnd, noColor: nil))
    }
}
