import Bytes
import Foundation
import Testing

@testable import Telemetry

@Suite("A secret")
struct SecretTests {
    private struct Settings {
        let host = "redis"
        let password = Secret("hunter2")
        let spare: Secret<String>? = Secret("hunter2")
    }

    private struct Token {
        let text = "hunter2"
        let number = 424_242
    }

    @Test("is given only by reveal")
    func reveal() {
        #expect(Secret("hunter2").reveal() == "hunter2")
    }

    @Test("prints as redacted, alone and inside of other values")
    func printing() {
        let secret = Secret("hunter2")
        #expect("\(secret)" == "<redacted>")
        #expect(String(describing: secret) == "<redacted>")
        #expect(String(reflecting: secret) == "<redacted>")
        let inside = [
            "\([secret])", "\(["key": secret])", "\(secret as Secret<String>?, default: "")", "\(Settings())",
            String(reflecting: Settings()), "\(Secret(Token()))", "\((secret, 1))",
        ]
        for text in inside {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("hunter2") && !text.contains("424242"))
        }
    }

    @Test("is not in a dump, at any depth")
    func dumping() {
        var output = ""
        dump(Secret("hunter2"), to: &output)
        dump(Settings(), to: &output)
        dump(Secret(Token()), to: &output)
        #expect(output.contains("redis"))
        #expect(!output.contains("hunter2") && !output.contains("424242"))
    }

    @Test("has no children in a mirror")
    func mirror() {
        #expect(Mirror(reflecting: Secret(Token())).children.isEmpty)
        #expect(Mirror(reflecting: Secret([1, 2, 3])).children.isEmpty)
    }

    @Test("is redacted in a log line", arguments: LogFormat.allCases)
    func logging(format: LogFormat) {
        let encoder = LogEncoder(format: format, colours: false, maximumValueBytes: 64)
        let secret = Secret("hunter2")
        let fields: LogFields = ["password": secret, "maybe": Optional(secret), "text": "\(secret)"]
        let record = LogRecord(
            time: WallTime(milliseconds: 0), level: .info, subsystem: "proxy", message: "connected", fields: fields)
        let line = String(copying: encoder.line(record).bytes)
        #expect(line.components(separatedBy: "<redacted>").count == 4)
        #expect(!line.contains("hunter2"))
    }
}
