import RTMP
import Testing

@Suite("ConnectRequest") struct ConnectTests {
    /// Written by hand from the specification of enhanced RTMP, in the form of OBS and of FFmpeg since 6.1.
    static let enhanced = hex(
        """
        02 0007 636f6e6e656374  00 3ff0000000000000  03
        0003 617070  02 0004 6c697665
        0004 74797065  02 000a 6e6f6e70726976617465
        0008 666c617368566572  02 001f 464d4c452f332e302028636f6d70617469626c653b20464d53632f312e3029
        0006 73776655726c  02 0015 72746d703a2f2f686f73742e6578616d706c652f61
        0005 746355726c  02 0015 72746d703a2f2f686f73742e6578616d706c652f61
        000a 666f757243634c697374  0a 00000003  02 0004 61763031  02 0004 68766331  02 0001 2a
        0012 766964656f466f75724363496e666f4d6170  03  0004 61763031 00 401c000000000000  000009
        0012 617564696f466f75724363496e666f4d6170  08 00000000  0004 4f707573 00 4010000000000000  000009
        0006 636170734578  00 4014000000000000
        000009
        """)

    @Test("an encoder of enhanced RTMP says which codecs it knows")
    func enhancedRTMP() throws {
        let connect = try ConnectRequest(try command(Self.enhanced))
        #expect(connect.fourCcList == ["av01", "hvc1", "*"])
        #expect(connect.videoFourCcInfoMap?["av01"]?.number == 7)
        #expect(connect.audioFourCcInfoMap?["Opus"]?.number == 4)
        #expect(connect.capsEx == [.reconnect, .modEx])
        #expect(connect.swfUrl == "rtmp://host.example/a" && connect.pageUrl == nil)
    }

    @Test("one property is changed where it stands, and nothing else")
    func changed() throws {
        var connect = try ConnectRequest(try command(Self.enhanced))
        connect.tcUrl = "rtmp://other/a"
        let written = try write(connect.command(transaction: 1))
        let again = try ConnectRequest(try command(written))
        #expect(again == connect)
        #expect(
            again.properties.pairs.map(\.key.repaired) == [
                "app", "type", "flashVer", "swfUrl", "tcUrl", "fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap",
                "capsEx",
            ])
        connect.tcUrl = "rtmp://host.example/a"
        // The one array that announced a wrong count now announces the true one.
        var expected = Self.enhanced
        let place = try #require(expected.indices.first { expected[$0...].starts(with: [8, 0, 0, 0, 0]) })
        expected[place + 4] = 1
        #expect(try write(connect.command(transaction: 1)) == expected)
    }

    /// As FMLE 3.2 and Flash players are documented to send it.
    @Test("a Flash player asks for AMF3")
    func flashPlayer() throws {
        let connect = try ConnectRequest(
            Command(
                "connect", transaction: 1,
                object: .object(
                    AMFProperties([
                        ("app", .string("live")), ("flashVer", .string("LNX 9,0,124,2")), ("swfUrl", .undefined),
                        ("tcUrl", .string("rtmp://a.example/live")), ("fpad", .boolean(false)),
                        ("capabilities", .number(239)), ("audioCodecs", .number(3575)), ("videoCodecs", .number(252)),
                        ("videoFunction", .number(1)), ("pageUrl", .undefined), ("objectEncoding", .number(3)),
                    ]))))
        #expect(connect.objectEncoding == .amf3 && connect.capabilities == 239)
        #expect(connect.swfUrl == nil && connect.pageUrl == nil)
    }

    @Test("setters put in, replace and take out")
    func setters() {
        var connect = ConnectRequest()
        connect.app = "live"
        connect.type = "nonprivate"
        connect.flashVer = "v"
        connect.swfUrl = "s"
        connect.pageUrl = "p"
        connect.objectEncoding = .amf0
        connect.fourCcList = ["*"]
        connect.capsEx = [.reconnect, .multitrack]
        connect.app = "other"
        connect.swfUrl = nil
        #expect(
            connect.properties
                == AMFProperties([
                    ("app", .string("other")), ("type", .string("nonprivate")), ("flashVer", .string("v")),
                    ("pageUrl", .string("p")), ("objectEncoding", .number(0)),
                    ("fourCcList", .strictArray([.string("*")])), ("capsEx", .number(3)),
                ]))
    }

    @Test("an object of AMF3 serves as well")
    func amf3Object() throws {
        let object = AMF3Object(properties: AMFProperties([("app", .string("live")), ("capabilities", .integer(15))]))
        let request = try ConnectRequest(Command("connect", transaction: 1, object: .avmPlus(.object(object))))
        #expect(request.app == "live" && request.capabilities == 15)
        let again = try command(try write(request.command(transaction: 1)))
        #expect(try ConnectRequest(again) == request)
    }

    @Test("without an object, or under another name, it is refused")
    func refused() {
        #expect(throws: CommandError.missingObject) { try ConnectRequest(Command("connect", transaction: 1)) }
        #expect(throws: CommandError.unexpectedName) { try ConnectRequest(Command("play", transaction: 1)) }
        #expect(throws: CommandError.unexpectedName) { try PlayRequest(Command("publish", transaction: 1)) }
        #expect(throws: CommandError.unexpectedName) { try PublishRequest(Command("play", transaction: 1)) }
    }

    @Test("of a repeated property the last one counts")
    func repeated() {
        let connect = ConnectRequest(properties: AMFProperties([("app", .string("a")), ("app", .string("b"))]))
        #expect(connect.app == "b")
    }
}
