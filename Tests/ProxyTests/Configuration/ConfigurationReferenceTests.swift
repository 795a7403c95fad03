import Testing

@testable import Proxy
@testable import Service

@Suite("The configuration reference")
struct ConfigurationReferenceTests {
    @Test("is what docs/proxy-configuration.md holds")
    func markdown() throws {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        let path = root + "/docs/proxy-configuration.md"
        let stored = String(decoding: try ConfigurationFile.contents(of: path, atMost: 1 << 20), as: UTF8.self)
        #expect(
            stored == ConfigurationReference.markdown,
            "write it anew: sluice-proxy --print-configuration-reference > docs/proxy-configuration.md")
    }

    @Test("names each variable and each option once, as does the help")
    func completeness() {
        let names = Variables.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix(Variables.prefix) })
        for name in names {
            #expect(ConfigurationReference.markdown.split(separator: "| `\(name)` |").count == 2)
            #expect(ConfigurationReference.help.split(separator: " \(name) (").count == 2)
        }
        for option in CommandLineOption<ProxyOptionMeaning>.all {
            #expect(ConfigurationReference.markdown.contains("| `\(option.name)"))
            #expect(ConfigurationReference.help.contains("\n  \(option.name)"))
        }
    }

    @Test("has one sentence on each variable, and no bar that would break its tables")
    func sentences() {
        for variable in Variables.all {
            #expect(variable.summary.hasSuffix("."))
            #expect(!variable.summary.dropLast().contains(". "))
            #expect(!"\(variable.summary)\(variable.forms)\(variable.standard)".contains("|"))
        }
    }

    @Test("shows defaults as they can be written")
    func defaults() throws {
        for variable in Variables.all {
            guard case .text(let text) = variable.standard else { continue }
            var configuration = ProxyConfiguration()
            try variable.set(text, &configuration)
            #expect(variable.shown(configuration) == variable.standard)
        }
    }
}
