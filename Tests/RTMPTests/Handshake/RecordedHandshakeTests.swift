import Bytes
import RTMP
import RTMPModel
import TestKit
import Testing

/// Digests are right if they are what ffmpeg and nginx computed for each other.
@Suite("Handshakes of real programs") struct RecordedHandshakeTests {
    /// Random bytes that are those of a recorded answer, so that the rest of it can be compared.
    private static func crypto(answering answer: ArraySlice<UInt8>) -> HandshakeCrypto {
        let random = Array(answer.dropLast(32))
        return HandshakeCrypto { count in
            count == random.count ? random : [UInt8](repeating: 7, count: count)
        } hmacSHA256: {
            KeyedDigest.hmacSHA256($0, key: $1)
        }
    }

    @Test("ffmpeg's digest is recognised, and the answer is the one that nginx gave")
    func server() throws {
        let client = try RecordedSession.ffmpegPublishes.bytes()
        let answer = try RecordedSession.nginxAccepts.bytes()[1537..<3073]
        var machine = ServerHandshake(crypto: Self.crypto(answering: answer))
        var output = ByteWriter()
        let step = try machine.receive(client.rawSpan, output: &output)
        #expect(step.consumed == 3073)
        #expect(step.isDone)
        #expect(machine.style == .digest(.digestFirst))
        #expect(Array(copying: output.bytes).suffix(1536) == answer)
    }

    @Test("nginx's digest is recognised, and the answer is the one that ffmpeg gave")
    func client() throws {
        let server = try RecordedSession.nginxServes.bytes()
        let answer = try RecordedSession.ffmpegPlays.bytes()[1537..<3073]
        var machine = ClientHandshake(.digest(.digestFirst), crypto: Self.crypto(answering: answer))
        var output = ByteWriter()
        machine.begin(output: &output)
        let step = try machine.receive(server.rawSpan, output: &output)
        #expect(step.consumed == 3073)
        #expect(step.isDone)
        #expect(machine.style == .digest(.digestFirst))
        #expect(Array(copying: output.bytes).suffix(1536) == answer)
    }

    @Test("librtmp's client is simple, and gets its own bytes back")
    func librtmp() throws {
        let client = try RecordedSession.librtmpPlays.bytes()
        let read = runServer([client])
        #expect(read.isDone)
        #expect(read.style == .simple)
        #expect(read.sent.suffix(1536) == client[1..<1537])
    }
}
