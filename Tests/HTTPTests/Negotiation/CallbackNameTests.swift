import Bytes
import HTTP
import TestKit
import Testing

@Suite("CallbackName") struct CallbackNameTests {
    @Test(
        "is a path of properties",
        arguments: [
            "fn", "_", "$", "JSON_CALLBACK", "jQuery34105_1600000000000", "angular.callbacks._0", "a.b[0].c[12]",
            "$[0]",
            "a[0][1]", String(repeating: "a", count: 128),
        ])
    func names(text: String) throws {
        let name = try #require(CallbackName(text))
        #expect(name.text == text)
        #expect(String(copying: name.call(with: SharedBytes(#"{"code":0}"#)).bytes) == text + #"({"code":0})"#)
    }

    @Test(
        "is nothing that could be more",
        arguments: [
            "", " ", " fn", "fn ", "0a", "a-b", "a..b", ".a", "a.", "a.0", "a[", "a[]", "a]", "a[0", "a[0]b", "a[b]",
            "[0]",
            "a['b']", #"a["b"]"#, "fn()", "alert(1)//", "fn;alert(1)", "fn,fn", "a=b", "a+b", "a/**/", "<script>",
            "fn</script><script>alert(1)</script>", "a\nb", "a\r\nX: y", "a\u{2028}b", "a\u{0}", "é", "\u{FF41}",
            "a\\u0028",
            "`a`", "a%28", String(repeating: "a", count: 129),
        ])
    func refused(text: String) { #expect(CallbackName(text) == nil) }

    @Test("made of random characters, it has no other ones than a path of properties has")
    func random() {
        var random = SplitMix(seed: 7)
        let alphabet = Array("ab0_$.[]()<;'\" é\u{2028}")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0..<8, using: &random)).map { _ in
                    alphabet.randomElement(using: &random)!
                })
            let pattern = /[A-Za-z_$][A-Za-z_$0-9]*(\.[A-Za-z_$][A-Za-z_$0-9]*|\[[0-9]+\])*/
            #expect((CallbackName(text) != nil) == (text.wholeMatch(of: pattern) != nil), "\(text)")
        }
    }

    @Test("the line ends that only JSON allows are escaped, and nothing else is touched")
    func lineEnds() throws {
        let name = try #require(CallbackName("f"))
        func call(_ json: String) -> String { String(copying: name.call(with: SharedBytes(json)).bytes) }
        #expect(call("\"\u{2028}\u{2029}\"") == #"f("\u2028\u2029")"#)
        #expect(call("\"a\u{2028}b€\u{2027}\u{202A}\"") == "f(\"a\\u2028b€\u{2027}\u{202A}\")")
        #expect(call("") == "f()")
        // What is no UTF-8 comes out as it went in.
        let broken = SharedBytes([0xE2, 0x80, 0xE2, 0x80, 0xA8, 0xE2])
        #expect(
            Array(copying: name.call(with: broken).bytes) == Array("f(".utf8) + [0xE2, 0x80] + Array(#"\u2028"#.utf8)
                + [0xE2] + Array(")".utf8))
    }
}
