import Origin
import OriginModel
import TestKit
import Testing

@Suite("The grammar of a configuration")
struct DirectiveTreeTests {
    /// `name(argument argument)[block]`.
    private static func shown(_ directives: [Directive]) -> String {
        directives.map { directive in
            let arguments = directive.arguments.map { "<\($0.text)>" }.joined()
            return directive.name + arguments + (directive.block.map { "[\(shown($0))]" } ?? "")
        }.joined(separator: " ")
    }

    @Test(
        "has names, values and blocks",
        arguments: [
            ("", ""), ("\n\r\n\t # nothing\n", ""), ("# at the end", ""),
            ("a;", "a"), ("a b c;", "a<b><c>"), ("a\nb\n;", "a<b>"), ("a;b;", "a b"),
            ("a{}", "a[]"), ("a b{c;}", "a<b>[c]"), ("a { b { c d; } e; } f;", "a[b[c<d>] e] f"),
            ("a;#b;\nc;", "a c"), ("a #b\nc;", "a<c>"), ("a{#}\n}", "a[]"),
            ("a b#c;", "a<b#c>"), ("a b}c;", "a<b}c>"), ("a b\\;", "a<b\\>"), ("a $b;", "a<$b>"),
            ("\u{FEFF}a;", "a"), ("ä ö\u{1F600};", "ä<ö\u{1F600}>"),
        ])
    func trees(text: String, expected: String) {
        #expect(tree(text).faults == [])
        #expect(Self.shown(tree(text).directives) == expected)
    }

    @Test(
        "takes what stands between quotes as it is",
        arguments: [
            (#"a "b c";"#, "a<b c>"), ("a 'b c';", "a<b c>"), (#"a "b;{}#" 'c;';"#, "a<b;{}#><c;>"),
            (#"a "it's" 'a "b"';"#, #"a<it's><a "b">"#), ("a \"b\nc\";", "a<b\nc>"), (#"a "b"{}"#, "a<b>[]"),
            (#"a "\n\";"#, #"a<\n\>"#), (#"a b"c"d;"#, #"a<b"c"d>"#), (#""a b" c;"#, "a b<c>"),
            (#"a "" '' b;"#, "a<b>"), ("\"\" a;", "a"),
        ])
    func quotes(text: String, expected: String) {
        #expect(tree(text).faults == [])
        #expect(Self.shown(tree(text).directives) == expected)
    }

    @Test("knows the place of every word")
    func places() throws {
        let directives = tree("\u{FEFF}a;\n  ä \"ö\" b {\r\n\tc d;\n}").directives
        #expect(directives.map(\.place.description) == ["a.conf:1:1", "a.conf:2:3"])
        #expect(directives[1].arguments.map(\.place.description) == ["a.conf:2:5", "a.conf:2:9"])
        let inner = try #require(directives[1].block?.first)
        #expect(inner.place.description == "a.conf:3:2")
        #expect(inner.arguments[0].place.description == "a.conf:3:4")
    }

    @Test(
        "says where it ends and what is expected there",
        arguments: [
            ("a", #"a.conf:1:2: expected ";" or "{" after "a", the file ends"#),
            ("a b\n", #"a.conf:2:1: expected ";" or "{" after "a", the file ends"#),
            ("a {\n b;\n", #"a.conf:3:1: expected "}" to close the block of "a" from line 1, the file ends"#),
            ("a { b {", #"a.conf:1:8: expected "}" to close the block of "b" from line 1, the file ends"#),
            ("a \"b;\n", #"a.conf:1:3: expected " to close the quote, the file ends before it"#),
            ("a 'b", "a.conf:1:3: expected ' to close the quote, the file ends before it"),
            (";", #"a.conf:1:1: unexpected ";": a directive begins with its name"#),
            ("a;\n ;", #"a.conf:2:2: unexpected ";": a directive begins with its name"#),
            ("{a;}", #"a.conf:1:1: unexpected "{": a directive begins with its name"#),
            ("}", #"a.conf:1:1: unexpected "}": no block is open"#),
            ("a { b\n}", #"a.conf:2:1: expected ";" to end "b", found "}""#),
            (#"a "b"c;"#, #"a.conf:1:6: expected a blank, ";" or "{" after the closing quote"#),
            (#"a "b"}"#, #"a.conf:1:6: expected a blank, ";" or "{" after the closing quote"#),
            ("include;", "a.conf:1:1: include: expected the path of a file"),
            ("a;\u{0};", "a.conf:1:3: a control character other than a tab or the end of a line"),
            ("a\n\u{85};", "a.conf:2:1: a control character other than a tab or the end of a line"),
        ])
    func faults(text: String, expected: String) {
        #expect(tree(text).faults.first?.description == expected)
    }

    @Test("goes on behind a fault, so that one reading finds them all")
    func recovery() {
        let read = tree("a;;\nb \"c\"d;\n}\ne { f }\ng;")
        #expect(
            read.faults.map(\.description) == [
                #"a.conf:1:3: unexpected ";": a directive begins with its name"#,
                #"a.conf:2:6: expected a blank, ";" or "{" after the closing quote"#,
                #"a.conf:3:1: unexpected "}": no block is open"#,
                #"a.conf:4:7: expected ";" to end "f", found "}""#,
            ])
        #expect(Self.shown(read.directives) == "a b<c><d> e[f] g")
    }

    @Test("is UTF-8")
    func encoding() {
        let read = DirectiveTree(text: [0x61, 0x3B, 0x0A, 0xC3, 0xA4, 0xFF, 0x3B], name: "a.conf", read: files([:]))
        #expect(read.faults.map(\.description) == ["a.conf:2:2: the file is not UTF-8"])
        #expect(read.directives.isEmpty)
    }

    @Test("is bounded in everything")
    func bounds() {
        var limits = DirectiveLimits()
        limits.maximumFileBytes = 60
        limits.maximumBlockDepth = 2
        limits.maximumDirectives = 5
        limits.maximumArguments = 3
        limits.maximumWordBytes = 8
        limits.maximumFaults = 2
        func faults(_ text: String) -> [GrammarFault.Kind] { tree(text, limits: limits).faults.map(\.kind) }
        #expect(faults(String(repeating: " ", count: 60)) == [])
        #expect(faults(String(repeating: " ", count: 61)) == [.fileTooLarge(maximumBytes: 60)])
        #expect(faults("a{b{}}") == [])
        #expect(faults("a{b{c{}}}") == [.nestedTooDeep(maximum: 2)])
        #expect(faults("a;b;c;d;e;") == [])
        #expect(faults("a;b;c;d;e;f;g;") == [.tooManyDirectives(maximum: 5)])
        #expect(faults("a b c d;") == [])
        #expect(faults("a b c d e f;") == [.tooManyArguments(directive: "a", maximum: 3)])
        #expect(faults("a 12345678;") == [])
        #expect(faults("a 123456789;") == [.wordTooLong(maximumBytes: 8)])
        let many = tree(";;;;;", limits: limits)
        #expect(many.faults.count == 2 && many.furtherFaults == 3)
    }

    private static let sample = """
        \u{FEFF}listen 1935 "19350"; # ä
        include b.conf 'c.conf';
        vhost a.b { play { gop_cache off; } http_remux { enabled on; mount '[app]/[stream].flv'; } }
        """

    @Test("holds what must always hold at every truncation and with every byte changed")
    func truncations() throws {
        let bytes = Array(Self.sample.utf8)
        for count in 0...bytes.count { try checkConfiguration(Array(bytes[..<count])) }
        for position in bytes.indices {
            for byte in [0, 0x0A, 0x20, 0x22, 0x23, 0x27, 0x3B, 0x7B, 0x7D, 0xC3, 0xFF] as [UInt8] {
                var changed = bytes
                changed[position] = byte
                try checkConfiguration(changed)
            }
        }
    }

    @Test("is read as by a slow reader", arguments: 0..<20)
    func random(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let pieces = [
            "a", "listen", "vhost", "include", " ", " ", "\n", ";", ";", "{", "}", "\"", "'", "#", "\\", "ä", "1935",
            "enabled on;", "play { ", "\"\"", "\r\n",
        ]
        for _ in 0..<150 {
            let count = Int.random(in: 0...25, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator)! }.joined()
            try checkConfiguration(Array(text.utf8))
        }
    }
}
