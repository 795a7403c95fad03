import RTMP
import RTMPModel
import Testing

@Suite("Bounds of sessions") struct SessionLimitTests {
    private let small = SessionLimits(
        chunks: ChunkLimits(maximumMessageBytes: 1000, maximumUnfinishedBytes: 2000),
        amf: AMFLimits(maximumDepth: 4, maximumValues: 20, maximumBytes: 300), maximumStreams: 2,
        maximumIdleCommands: 6)

    @Test("more streams than there may be are refused, whichever way they are asked for")
    func streams() throws {
        let rig = try ServerRig(limits: small)
        #expect(try rig.say(.createStream) == ["_result 2 = 1"])
        #expect(try rig.say(.publish(PublishRequest(name: "s")), on: 8).contains("! publish s@8"))
        #expect(try rig.say(.createStream) == ["_error 4 NetConnection.Call.Failed"])
        #expect(try rig.say(.publish(PublishRequest(name: "s")), on: 9) == ["onStatus@9 NetStream.Failed"])
        #expect(try rig.say(.play(PlayRequest(name: "s")), on: 0) == ["onStatus NetStream.Failed"])
        try rig.say(.deleteStream(id: 1))
        #expect(try rig.say(.createStream) == ["_result 8 = 1"])
    }

    @Test("a client that only calls is given up, one that does something is not")
    func commands() throws {
        let rig = try ServerRig(limits: small)
        for _ in 0..<5 { try rig.say(.checkBandwidth) }
        #expect(throws: SessionError.tooManyCommands(maximum: 6)) { try rig.say(.checkBandwidth) }
        let publisher = try ServerRig(limits: small)
        for round in 0..<20 {
            try publisher.say(.publish(PublishRequest(name: "s")), on: 1)
            for _ in 0..<20 { try publisher.say(.checkBandwidth) }
            #expect(try publisher.say(.closeStream, on: 1) == ["! publish stopped @1"], "round \(round)")
        }
        let refused = try ServerRig(policy: ServerPolicy(publish: false), limits: small)
        for _ in 0..<5 { try refused.say(.publish(PublishRequest(name: "s")), on: 1) }
        #expect(throws: SessionError.tooManyCommands(maximum: 6)) {
            try refused.say(.publish(PublishRequest(name: "s")), on: 1)
        }
    }

    @Test("values and messages have theirs")
    func values() throws {
        #expect(throws: SessionError.command(.malformed(.tooManyValues(maximum: 20)))) {
            let nulls = [AMF0Value](repeating: .null, count: 30)
            _ = try ServerRig(limits: small).say(Command("x", transaction: 0, nulls))
        }
        #expect(throws: SessionError.command(.malformed(.tooManyBytes(maximum: 300)))) {
            _ = try ServerRig(limits: small).say(.releaseStream(AMFString(String(repeating: "n", count: 400))))
        }
        #expect(throws: SessionError.chunks(.messageTooLong(length: 1001, maximum: 1000))) {
            _ = try ServerRig(limits: small).say(.dataAMF0, [UInt8](repeating: 0, count: 1001), on: 1)
        }
    }
}
