import Service
import Testing

@testable import Origin

@Suite("The reference of the origin")
struct OriginReferenceTests {
    @Test("is what docs/origin-configuration.md holds")
    func markdown() throws {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        let path = root + "/docs/origin-configuration.md"
        let stored = String(decoding: try ConfigurationFile.contents(of: path, atMost: 1 << 20), as: UTF8.self)
        #expect(
            stored == OriginReference.markdown,
            "write it anew: sluice-origin --reference > docs/origin-configuration.md")
    }

    @Test("names each directive and each option, as does the help")
    func completeness() {
        for rule in DirectiveTable.all {
            #expect(OriginReference.markdown.contains("| `\(rule.path)"), "\(rule.path)")
        }
        for rule in DirectiveTable.supported.flatMap(\.rules) where rule.hasVariable {
            #expect(OriginReference.help.contains(" \(rule.path) ("), "\(rule.path)")
            #expect(OriginReference.markdown.contains("| `\(rule.variable)` |"), "\(rule.path)")
        }
        for option in CommandLineOption<OriginOptionMeaning>.all {
            #expect(OriginReference.markdown.contains("| `\(option.name)"))
            #expect(OriginReference.help.contains("\n  \(option.name)"))
        }
    }

    @Test("shows a file and messages that are true")
    func examples() throws {
        let lines = OriginReference.markdown.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "    listen 1935 [::1]:19350;"))
        let example = lines[start...].prefix { $0.hasPrefix("    ") }.joined(separator: "\n")
        let read = files(["a.conf": example, "conf/more.conf": "http_server { enabled on; }"])
        let checked = try OriginConfiguration.parse(.file("a.conf"), read: read)
        #expect(checked.warnings == [])
        #expect(checked.configuration.virtualHost(named: "live.example.com")?.play.gopCache == false)
        #expect(OriginReference.markdown.contains(mistakes("listen 19x5; vhost a{}")[0].dropFirst("a.conf".count)))
    }
}
