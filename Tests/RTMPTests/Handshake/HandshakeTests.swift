import Bytes
import RTMP
import RTMPModel
import TestKit
import Testing

@Suite("ServerHandshake and ClientHandshake") struct HandshakeTests {
    static let styles: [HandshakeStyle] = [.simple, .digest(.keyFirst), .digest(.digestFirst)]

    @Test("both sides come to an end together, each in the client's style", arguments: styles)
    func together(style: HandshakeStyle) {
        let server = runServer([hello(style)])
        #expect(server.sent.count == 1 + 2 * 1536)
        #expect(!server.isDone)
        let client = runClient(style, [server.sent])
        #expect(client.isDone)
        #expect(client.style == style)
        #expect(client.sent.count == 1 + 2 * 1536)
        let again = runServer([client.sent])
        #expect(again.isDone)
        #expect(again.style == style)
        #expect(again.rest.isEmpty)
    }

    @Test("wherever the client's bytes are cut, the server does the same", arguments: styles)
    func serverCuts(style: HandshakeStyle) {
        // With the beginning of the first command right behind C2, as eager clients send it.
        let sent = runClient(style, [runServer([hello(style)]).sent]).sent + [3, 0, 0, 0]
        let whole = runServer([sent])
        #expect(whole.isDone)
        #expect(whole.rest == [3, 0, 0, 0])
        for cut in 0...sent.count where cut < 40 || cut > 3060 || abs(cut - 1537) < 20 || cut % 97 == 0 {
            #expect(runServer([Array(sent[..<cut]), Array(sent[cut...])]) == whole, "cut at \(cut)")
        }
    }

    @Test("wherever the server's bytes are cut, the client does the same", arguments: styles)
    func clientCuts(style: HandshakeStyle) {
        let sent = runServer([hello(style)]).sent + [2, 0, 0]
        let whole = runClient(style, [sent])
        #expect(whole.isDone)
        #expect(whole.rest == [2, 0, 0])
        for cut in 0...sent.count where cut < 40 || cut > 3060 || abs(cut - 1537) < 20 || cut % 97 == 0 {
            #expect(runClient(style, [Array(sent[..<cut]), Array(sent[cut...])]) == whole, "cut at \(cut)")
        }
    }

    @Test("what is cut off short is neither done nor wrong", arguments: [0, 1, 2, 1536, 1537, 1538, 3072])
    func truncated(count: Int) {
        let client = runClient(.simple, [runServer([hello(.simple)]).sent]).sent
        let read = runServer([Array(client[..<count])])
        #expect(!read.isDone)
        #expect(read.error == nil)
        #expect(read.sent.isEmpty == (count < 1537))
    }

    @Test("a late C2 changes nothing, whatever it contains")
    func lateAnswer() {
        let read = runServer([hello(.digest(.digestFirst)), [], [UInt8](repeating: 0xAA, count: 1536) + [1, 2]])
        #expect(read.isDone)
        #expect(read.rest == [1, 2])
    }

    @Test("a server that answers a digest without one is accepted, and gets its bytes echoed")
    func simpleServer() {
        let first = [3] + (0..<1536).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let read = runClient(.digest(.digestFirst), [first + [UInt8](repeating: 0, count: 1536)])
        #expect(read.isDone)
        #expect(read.style == .simple)
        #expect(read.sent.suffix(1536) == first[1...])
    }

    @Test("a digest with one wrong bit is none", arguments: [9, 500, 1535])
    func spoiltDigest(position: Int) {
        var spoilt = hello(.digest(.keyFirst))
        spoilt[1 + position] ^= 0x10
        #expect(runServer([spoilt]).style == .simple)
    }

    @Test("a simple hello carries version 0, a signed one does not, and both carry time 0")
    func versions() {
        #expect(hello(.simple)[..<9] == [3, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(hello(.digest(.keyFirst))[..<9] == [3, 0, 0, 0, 0, 9, 0, 124, 2])
        #expect(runServer([hello(.simple)]).sent[..<9] == [3, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test(
        "what is no RTMP is named, and only when enough of it has come to tell",
        arguments: [
            ([0x16, 0x03, 0x01, 0x02], .tls, 2), ([0x15, 0x03, 0x01], .tls, 2),
            ([0x16, 0x04], .unsupportedVersion(22), 2),
            ([6, 0, 0], .encryptedRTMP(version: 6), 1), ([8], .encryptedRTMP(version: 8), 1),
            ([0], .unsupportedVersion(0), 1), ([2, 3], .unsupportedVersion(2), 1),
            ([0xFF], .unsupportedVersion(255), 1),
            (Array("GET / HTTP/1.1\r\n".utf8), .http, 4), (Array("POST /open/1".utf8), .http, 4),
            (Array("HTTP/1.1 400".utf8), .http, 4), (Array("OPTIONS *".utf8), .http, 4),
            (Array("PUT /x".utf8), .http, 4),
            (Array("GEX".utf8), .unsupportedVersion(71), 3), (Array("Get".utf8), .unsupportedVersion(71), 2),
        ] as [([UInt8], HandshakeError, Int)])
    func strangers(bytes: [UInt8], error: HandshakeError, needed: Int) {
        for count in 0...bytes.count {
            let expected = count < needed ? nil : error
            #expect(runServer([Array(bytes[..<count])]).error == expected)
            #expect(runServer(bytes[..<count].map { [$0] }).error == expected)
            #expect(runClient(.simple, [Array(bytes[..<count])]).error == expected)
        }
    }

    @Test("every first byte but 3 is refused or waits for what it may become")
    func firstBytes() {
        for byte in UInt8.min...UInt8.max {
            let read = runServer([[byte]])
            let waits = byte == 3 || byte == 0x15 || byte == 0x16 || "GPHODCT".utf8.contains(byte)
            #expect((read.error == nil) == waits, "\(byte)")
        }
    }

    @Test("an error says what to do about it")
    func descriptions() {
        #expect(HandshakeError.tls.description == "TLS arrived on a port that speaks plain RTMP")
        #expect(
            HandshakeError.encryptedRTMP(version: 6).description
                == "RTMPE (version 6) is not supported; use RTMPS")
    }
}
