import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

@Suite("WebSocketMachine") struct WebSocketMachineTests {
    /// Frames as a client sends them, with a key that changes nothing.
    private func frame(_ opcode: Opcode, _ text: String, isFinal: Bool = true) -> [UInt8] {
        var output = ByteWriter()
        FrameEncoder.append(opcode, text.bytes.rawSpan, isFinal: isFinal, maskKey: 0, to: &output)
        return Array(copying: output.bytes)
    }

    private func close(_ payload: [UInt8]) -> [UInt8] {
        var output = ByteWriter()
        FrameEncoder.append(.close, payload.rawSpan, maskKey: 0, to: &output)
        return Array(copying: output.bytes)
    }

    /// All events but `needsInput`, and what the server sent.
    private func run(
        _ pieces: [[UInt8]], limit: Int = 1000, closing: Bool = false
    ) -> ([WebSocketMachine.Event], [UInt8]) {
        var machine = WebSocketMachine(role: .server, limits: WebSocketMachine.Limits(maximumMessageBytes: limit))
        var queue = ByteQueue(maximum: 1 << 20)
        var output = ByteWriter()
        if closing { machine.close(.goingAway, to: &output) }
        output.removeAll()
        var events: [WebSocketMachine.Event] = []
        for piece in pieces {
            _ = queue.append(piece.rawSpan)
            reading: while true {
                let step = machine.receive(queue.readable, output: &output)
                queue.consume(step.consumed)
                if step.event == .needsInput || step.event == .discarded { break reading }
                events.append(step.event)
            }
        }
        return (events, Array(copying: output.bytes))
    }

    @Test("messages come whole, however frames and bytes are cut")
    func messages() {
        let bytes =
            frame(.text, "héllo") + frame(.binary, "ab", isFinal: false) + frame(.ping, "p")
            + frame(.continuation, "", isFinal: false)
            + frame(.pong, "q") + frame(.continuation, "cd") + frame(.text, "")
        let expected: [WebSocketMachine.Event] = [
            .text(SharedBytes("héllo")), .answered, .pong(SharedBytes("q")), .binary(SharedBytes("abcd")),
            .text(SharedBytes("")),
        ]
        let pong: [UInt8] = [0x8A, 0x01, UInt8(ascii: "p")]
        var generator = SplitMix(seed: 11)
        for largest in [1, 2, 3, 7, 1000] {
            let (events, output) = run(bytes.pieces(largest: largest, using: &generator))
            #expect(events == expected)
            #expect(output == pong)
        }
    }

    @Test("a close is echoed and ends everything")
    func closed() {
        let (events, output) = run([close([0x03, 0xE9] + Array("bye".utf8)) + frame(.text, "late")])
        #expect(events == [.closed(.goingAway, reason: "bye")])
        #expect(output == [0x88, 0x02, 0x03, 0xE9])
    }

    @Test("a close without a code is answered with 1000")
    func closedWithoutCode() {
        let (events, output) = run([close([])])
        #expect(events == [.closed(nil, reason: "")])
        #expect(output == [0x88, 0x02, 0x03, 0xE8])
    }

    @Test("once this side has closed, nothing but the peer's close matters")
    func closing() {
        let (events, output) = run([frame(.text, "late") + frame(.ping, "x") + close([0x03, 0xE8])], closing: true)
        #expect(events == [.closed(.normal, reason: "")])
        #expect(output.isEmpty)
    }

    @Test(
        "a breach is told with the code it deserves",
        arguments: [
            ([0x80, 0x80, 0, 0, 0, 0], WebSocketError.continuationWithoutMessage, 1002),
            ([0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80], .messageInsideMessage, 1002),
            ([0x88, 0x81, 0, 0, 0, 0, 0x03], .invalidCloseFrame, 1002),
            ([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED], .invalidCloseCode(1005), 1002),
            ([0x88, 0x82, 0, 0, 0, 0, 0x00, 0x00], .invalidCloseCode(0), 1002),
            ([0x88, 0x83, 0, 0, 0, 0, 0x03, 0xE8, 0xFF], .invalidUTF8, 1007),
            ([0x81, 0x81, 0, 0, 0, 0, 0xFF], .invalidUTF8, 1007),
            ([0x81, 0x81, 0, 0, 0, 0, 0xC3], .invalidUTF8, 1007),
            ([0x01, 0x81, 0, 0, 0, 0, 0xC3, 0x80, 0x81, 0, 0, 0, 0, 0x41], .invalidUTF8, 1007),
            ([0x82, 0xFE, 0x03, 0xE9], .messageTooLarge(maximum: 1000), 1009), ([0xF1], .reservedBits, 1002),
            ([0x81, 0x01], .wrongMasking, 1002),
        ] as [([UInt8], WebSocketError, UInt16)])
    func breaches(bytes: [UInt8], error: WebSocketError, code: UInt16) {
        let padded = bytes.count == 8 || bytes.count == 4 ? bytes + [0, 0, 0, 0] : bytes
        for pieces in [[padded], padded.map { [$0] }] {
            let (events, output) = run(pieces)
            #expect(events.last == .failed(error))
            #expect(output == [0x88, 0x02, UInt8(code >> 8), UInt8(code & 0xFF)])
        }
    }

    @Test("a message is bounded over all its fragments")
    func bounded() {
        let part = String(repeating: "x", count: 6)
        let fits = frame(.text, part, isFinal: false) + frame(.continuation, String(part.prefix(4)))
        #expect(run([fits], limit: 10).0 == [.text(SharedBytes("xxxxxxxxxx"))])
        let tooLong = frame(.text, part, isFinal: false) + frame(.continuation, part)
        #expect(run([tooLong], limit: 10).0 == [.failed(.messageTooLarge(maximum: 10))])
    }

    @Test("a client and a server understand each other")
    func together() {
        var client = WebSocketMachine(role: .client)
        var server = WebSocketMachine(role: .server)
        var toServer = ByteWriter()
        var toClient = ByteWriter()
        let isSent = client.send(.text, "hi".bytes.rawSpan, maskKey: 0xDEAD_BEEF, to: &toServer)
        #expect(isSent)
        let first = server.receive(toServer.bytes, output: &toClient)
        #expect(first.event == .text(SharedBytes("hi")))
        toServer.removeAll()
        client.close(.normal, reason: "done", maskKey: 1, to: &toServer)
        let second = server.receive(toServer.bytes, output: &toClient)
        #expect(second.event == .closed(.normal, reason: "done"))
        let third = client.receive(toClient.bytes, output: &toServer, maskKey: 2)
        #expect(third.event == .closed(.normal, reason: ""))
        let isLate = server.send(.text, "x".bytes.rawSpan, to: &toClient)
        #expect(!isLate)
        #expect(server.inputEnded() == nil)
    }

    @Test("a fragment, a close and a long ping are not sent as messages")
    func refusedToSend() {
        let machine = WebSocketMachine(role: .server)
        var output = ByteWriter()
        let long = String(repeating: "x", count: 126)
        let results = [
            machine.send(.continuation, "x".bytes.rawSpan, to: &output),
            machine.send(.close, "".bytes.rawSpan, to: &output),
            machine.send(.ping, long.bytes.rawSpan, to: &output),
        ]
        #expect(results == [false, false, false])
        #expect(text(output.bytes) == "")
        let isSent = machine.send(.ping, String(long.dropLast()).bytes.rawSpan, to: &output)
        #expect(isSent)
    }

    @Test("an end without a close frame is a truncation")
    func truncated() {
        var machine = WebSocketMachine(role: .server)
        #expect(machine.inputEnded() == .failed(.truncated))
        #expect(machine.inputEnded() == nil)
    }

    @Test("a reason is cut to what a control frame holds, never within a character")
    func longReason() {
        var output = ByteWriter()
        FrameEncoder.appendClose(.normal, reason: String(repeating: "é", count: 100), to: &output)
        let bytes = Array(copying: output.bytes)
        #expect(bytes[1] == 124)
        #expect(String(validating: bytes.dropFirst(4), as: UTF8.self) == String(repeating: "é", count: 61))
    }
}

@Suite("CloseCode") struct CloseCodeTests {
    @Test(
        "only codes that may be sent exist",
        arguments: [
            (999, false), (1000, true), (1003, true), (1004, false), (1005, false), (1006, false), (1007, true),
            (1014, true), (1015, false),
            (1016, false), (2999, false), (3000, true), (4999, true), (5000, false), (0, false), (65535, false),
        ] as [(UInt16, Bool)])
    func codes(code: UInt16, isAllowed: Bool) { #expect((CloseCode(rawValue: code) != nil) == isAllowed) }
}
