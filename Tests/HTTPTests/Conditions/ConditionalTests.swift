import Bytes
import HTTP
import TestKit
import Testing

@Suite("EntityTag") struct EntityTagTests {
    @Test("tags are read and written", arguments: ["\"a\"", "W/\"a\"", "\"\"", "\"a\\b\"", "\"a,b\""])
    func roundTrip(text: String) throws {
        let parsed = EntityTag(parsing: text.bytes.rawSpan)
        let tag = try #require(parsed)
        #expect(tag.description == text)
        var output = ByteWriter()
        tag.append(to: &output)
        #expect(String(copying: output.bytes) == text)
    }

    @Test(
        "what is no tag is not read",
        arguments: ["", "a", "\"", "\"a", "a\"", "w/\"a\"", "W/a", "\"a\"b\"", "\"a b\"", "*"])
    func refused(text: String) { #expect(EntityTag(parsing: text.bytes.rawSpan) == nil) }

    @Test("only strong tags match strongly")
    func matching() throws {
        let strong = try #require(EntityTag("a"))
        let weak = try #require(EntityTag("a", isWeak: true))
        #expect(strong.matchesStrongly(strong))
        #expect(!strong.matchesStrongly(weak) && !weak.matchesStrongly(strong) && !weak.matchesStrongly(weak))
        #expect(strong.matchesWeakly(weak) && weak.matchesWeakly(strong))
        #expect(EntityTag(255, 16).description == "\"ff-10\"")
        #expect(EntityTag("a\"b") == nil)
    }
}

@Suite("Conditional") struct ConditionalTests {
    static let now = HTTPDate(seconds: 1_700_000_000)
    static let modified = HTTPDate(seconds: 784_111_777)
    static let same = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"

    private func evaluate(
        _ fields: [(FieldName, String)], _ method: Method = .get, exists: Bool = true, weak: Bool = false
    ) throws
        -> Conditional.Outcome
    {
        var list = Fields()
        for (name, value) in fields { try list.append(name, text: value) }
        let validators = exists ? Validators(tag: EntityTag("a", isWeak: weak), modified: Self.modified) : nil
        return Conditional.evaluate(list, method, validators, now: Self.now)
    }

    @Test(
        "each precondition by itself",
        arguments: [
            (FieldName.ifMatch, "\"a\"", Conditional.Outcome.proceed), (.ifMatch, "\"b\"", .preconditionFailed),
            (.ifMatch, "\"b\", \"a\"", .proceed), (.ifMatch, "*", .proceed), (.ifMatch, "W/\"a\"", .preconditionFailed),
            (.ifMatch, "", .preconditionFailed), (.ifNoneMatch, "\"a\"", .notModified),
            (.ifNoneMatch, "W/\"a\"", .notModified),
            (.ifNoneMatch, "\"b\"", .proceed), (.ifNoneMatch, "*", .notModified),
            (.ifNoneMatch, "\"x,\\\", \"a\"", .notModified),
            (.ifModifiedSince, same, .notModified), (.ifModifiedSince, earlier, .proceed),
            (.ifModifiedSince, "soon", .proceed),
            (.ifUnmodifiedSince, same, .proceed), (.ifUnmodifiedSince, earlier, .preconditionFailed),
            (.ifUnmodifiedSince, "x", .proceed),
        ])
    func single(name: FieldName, value: String, expected: Conditional.Outcome) throws {
        #expect(try evaluate([(name, value)]) == expected)
    }

    @Test(
        "tags outweigh dates",
        arguments: [
            ([(FieldName.ifNoneMatch, "\"b\""), (.ifModifiedSince, same)], Conditional.Outcome.proceed),
            ([(.ifNoneMatch, "\"a\""), (.ifModifiedSince, earlier)], .notModified),
            ([(.ifMatch, "\"a\""), (.ifUnmodifiedSince, earlier)], .proceed),
            ([(.ifMatch, "\"a\""), (.ifNoneMatch, "\"a\"")], .notModified),
            ([(.ifMatch, "\"b\""), (.ifNoneMatch, "\"a\"")], .preconditionFailed),
            ([(.ifUnmodifiedSince, same), (.ifNoneMatch, "\"a\"")], .notModified),
        ])
    func precedence(fields: [(FieldName, String)], expected: Conditional.Outcome) throws {
        #expect(try evaluate(fields) == expected)
    }

    @Test("a change is refused where a read would be spared")
    func changes() throws {
        #expect(try evaluate([(.ifNoneMatch, "*")], .put) == .preconditionFailed)
        #expect(try evaluate([(.ifModifiedSince, Self.same)], .put) == .proceed)
    }

    @Test("nothing matches what does not exist")
    func missing() throws {
        #expect(try evaluate([(.ifMatch, "*")], .put, exists: false) == .preconditionFailed)
        #expect(try evaluate([(.ifNoneMatch, "*")], .put, exists: false) == .proceed)
        #expect(try evaluate([(.ifModifiedSince, Self.same)], exists: false) == .proceed)
        #expect(try evaluate([(.ifUnmodifiedSince, Self.earlier)], exists: false) == .proceed)
    }

    @Test("a weak tag satisfies If-None-Match and never If-Match")
    func weak() throws {
        #expect(try evaluate([(.ifNoneMatch, "\"a\"")], weak: true) == .notModified)
        #expect(try evaluate([(.ifMatch, "\"a\"")], weak: true) == .preconditionFailed)
    }

    @Test(
        "a range is honoured only for the very same bytes",
        arguments: [
            (nil, true), ("\"a\"", true), ("W/\"a\"", false), ("\"b\"", false), (same, true), (earlier, false),
            ("x", false),
        ] as [(String?, Bool)])
    func ifRange(value: String?, expected: Bool) throws {
        var fields = Fields()
        if let value { try fields.append(.ifRange, text: value) }
        let validators = Validators(tag: EntityTag("a"), modified: Self.modified)
        #expect(Conditional.allowsRange(fields, validators, now: Self.now) == expected)
    }

    @Test("a date that is younger than a minute is no strong validator")
    func youngDate() {
        var fields = Fields()
        fields.append(.ifRange, "Sun, 06 Nov 1994 08:49:37 GMT")
        let validators = Validators(modified: Self.modified)
        let soon = HTTPDate(seconds: Self.modified.seconds + 59)
        let later = HTTPDate(seconds: Self.modified.seconds + 60)
        #expect(!Conditional.allowsRange(fields, validators, now: soon))
        #expect(Conditional.allowsRange(fields, validators, now: later))
    }
}
