import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

@Suite("Fields") struct FieldsTests {
    @Test("names are found in any case, the first of several first")
    func lookup() throws {
        var fields = Fields()
        try fields.append(named: "x-tOKEN", "1")
        try fields.append(named: "ACCEPT", "a")
        try fields.append(.accept, text: "b")
        #expect(fields.count == 3)
        #expect(fields.string(.accept) == "a")
        #expect(fields.count(of: .accept) == 2)
        #expect(text(fields.value(named: "X-Token")) == "1")
        #expect(text(fields.value(named: "X-Tok")) == nil)
        #expect(fields.string(.host) == nil)
        #expect(fields.contains(.accept))
        #expect(!fields.contains(.host))
        #expect(fields.list == [["x-tOKEN", "1"], ["ACCEPT", "a"], ["Accept", "b"]])
    }

    @Test(
        "Via names those who have passed the message on, in order, whatever else stands there",
        arguments: [
            (["1.1 a"], ["a"]),
            (["1.0 fred, 1.1 p.example.net:80"], ["fred", "p.example.net:80"]),
            (["1.1 a", "HTTP/1.1 b (Apache/1.1), 2\t \tc"], ["a", "b", "c"]),
            (["", ",", " , ,1.1", "1.1 "], []),
            (["1.1 a (x, y z), 1.1 b"], ["a", "z)", "b"]),
            (["1.1 a (, 1.1 b", "1.1 \"c, 1.1 d\""], ["a", "b", "\"c", "d\""]),
            (["1.1 \u{FF}"], ["\u{FF}"]),
        ])
    func via(lines: [String], names: [String]) throws {
        var fields = Fields()
        try fields.append(.xForwardedFor, text: "1.1 other")
        for line in lines { try fields.append(named: "vIA", line) }
        #expect(fields.viaReceivers == names)
    }

    @Test("a value is stored without the space around it")
    func trimmed() throws {
        var fields = Fields()
        try fields.append(.server, text: " \t a b \t")
        #expect(fields.string(.server) == "a b")
    }

    @Test(
        "a value with a control character is refused and nothing is added",
        arguments: [
            "a\r\nSet-Cookie: x", "a\nb", "a\rb", "a\0b", "a\u{7F}", "\u{1}",
        ])
    func injection(value: String) {
        var fields = Fields()
        #expect(throws: FieldError.invalidValue) { try fields.append(.location, text: value) }
        #expect(throws: FieldError.invalidValue) { try fields.append(named: "X", value) }
        #expect(throws: FieldError.invalidValue) { try fields.set(.location, text: value) }
        #expect(fields.isEmpty)
        #expect(wire(fields) == "")
    }

    @Test("a name that is no token is refused", arguments: ["", "a b", "a:", "a\r\n", "é", "\"a\"", "(a)"])
    func badName(name: String) {
        var fields = Fields()
        #expect(throws: FieldError.invalidName) { try fields.append(named: name, "x") }
        #expect(fields.isEmpty)
    }

    @Test("tabs and bytes above ASCII may stand in a value")
    func permitted() throws {
        var fields = Fields()
        try fields.append(.server, text: "a\tb é")
        #expect(wire(fields) == "Server: a\tb é\r\n")
    }

    @Test("count and size are bounded, and replacing needs no room for one more")
    func limits() throws {
        var fields = Fields(limits: Fields.Limits(maximumCount: 2, maximumBytes: 40))
        try fields.append(.age, text: "1")
        try fields.append(.server, text: "x")
        #expect(throws: FieldError.tooMany(maximum: 2)) { try fields.append(.via, text: "y") }
        try fields.set(.age, text: "2")
        #expect(fields.list == [["Server", "x"], ["Age", "2"]])
        fields.removeAll()
        #expect(throws: FieldError.tooLarge(maximum: 40)) {
            try fields.append(.age, text: String(repeating: "1", count: 34))
        }
        try fields.append(.age, text: String(repeating: "1", count: 33))
    }

    @Test("set leaves one field, remove none")
    func replacing() throws {
        var fields = Fields()
        fields.append(.via, "1")
        fields.append(.age, "2")
        fields.append(.via, "3")
        fields.set(.via, "4")
        #expect(fields.list == [["Age", "2"], ["Via", "4"]])
        fields.remove(.age)
        fields.remove(.host)
        try fields.append(named: "X-A", "5")
        fields.remove(named: "x-a")
        #expect(wire(fields) == "Via: 4\r\n")
    }

    @Test(
        "numbers are written in decimal",
        arguments: [
            (0, "0"), (7, "7"), (10, "10"), (-12, "-12"), (Int.max, "9223372036854775807"),
            (Int.min, "-9223372036854775808"),
        ])
    func decimal(value: Int, expected: String) {
        var fields = Fields()
        fields.append(.age, decimal: value)
        #expect(fields.string(.age) == expected)
        #expect(wire(fields) == "Age: \(expected)\r\n")
    }

    @Test("fields that were parsed and changed are written like fields that were built")
    func parsedThenChanged() throws {
        var head = RequestHead()
        var parser = RequestParser()
        _ = try parser.parse("GET / HTTP/1.0\r\nA:1\r\nB: \t2 \r\nC: 3\r\n\r\n".bytes.rawSpan, into: &head)
        head.fields.remove(named: "C")
        head.fields.append(.server, "x")
        #expect(wire(head.fields) == "A: 1\r\nB: 2\r\nServer: x\r\n")
    }

    @Test("removing all forgets everything")
    func removeAll() {
        var fields = Fields()
        fields.append(.via, "1")
        fields.remove(.via)
        fields.removeAll()
        fields.append(.age, "2")
        #expect(fields.list == [["Age", "2"]])
        #expect(wire(fields) == "Age: 2\r\n")
    }
}

@Suite("Fields of one connection") struct HopByHopTests {
    @Test("lists are searched across lines, in any case, without looking into quotes")
    func lists() {
        var fields = Fields()
        fields.append(.connection, ",, close ,X-a")
        fields.append(.connection, "\"a, keep-alive\"")
        #expect(fields.lists("CLOSE", in: .connection))
        #expect(fields.lists("x-A", in: .connection))
        #expect(!fields.lists("keep-alive", in: .connection))
        #expect(!fields.lists("clos", in: .connection))
        #expect(!fields.lists("close", in: .upgrade))
    }

    @Test("what concerns one connection is removed, listed or known")
    func removal() throws {
        var fields = Fields()
        fields.append(.transferEncoding, "chunked")
        try fields.append(named: "X-Hop", "1")
        fields.append(.via, "2")
        fields.append(.connection, "x-hop, close")
        fields.append(.upgrade, "a")
        fields.append(.te, "trailers")
        fields.append(.age, "3")
        fields.removeHopByHop()
        #expect(fields.list == [["Via", "2"], ["Age", "3"]])
    }
}

@Suite("FieldName") struct FieldNameTests {
    @Test("each name is recognised in any case", arguments: FieldName.allCases)
    func recognised(name: FieldName) {
        let text = name.text.description
        #expect(FieldName(text.bytes.rawSpan) == name)
        #expect(FieldName(text.uppercased().bytes.rawSpan) == name)
        #expect(FieldName(text.lowercased().bytes.rawSpan) == name)
    }

    @Test("names that merely look alike are not", arguments: FieldName.allCases)
    func alike(name: FieldName) {
        let text = name.text.description
        #expect(FieldName((text + "x").bytes.rawSpan) == nil)
        #expect(FieldName(("x" + text).bytes.rawSpan) == nil)
        #expect(FieldName(text.replacing("-", with: "_").bytes.rawSpan) == (text.contains("-") ? nil : name))
    }
}

/// The fields as they go on the wire.
func wire(_ fields: Fields) -> String {
    var output = ByteWriter()
    fields.append(to: &output)
    return String(copying: output.bytes)
}
