import Bytes
package import RTMP
package import TestKit

extension HandshakeCrypto {
    /// Real digests, and bytes that are random but the same every time.
    package static func seeded(_ seed: UInt64) -> HandshakeCrypto {
        HandshakeCrypto { count in
            var generator = SplitMix(seed: seed)
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        } hmacSHA256: {
            KeyedDigest.hmacSHA256($0, key: $1)
        }
    }
}

/// Everything one side made of its input.
package struct HandshakeTranscript: Equatable, Sendable {
    package var sent: [UInt8] = []
    package var error: HandshakeError?
    package var isDone = false
    package var style: HandshakeStyle?
    /// What it left for whoever reads chunks, or waits for more of.
    package var rest: [UInt8] = []
}

package func runServer(_ pieces: [[UInt8]], seed: UInt64 = 1) -> HandshakeTranscript {
    var machine = ServerHandshake(crypto: .seeded(seed))
    return run(pieces) { bytes, output throws(HandshakeError) in
        let step = try machine.receive(bytes, output: &output)
        return (step, machine.style)
    }
}

package func runClient(_ wanted: HandshakeStyle, _ pieces: [[UInt8]], seed: UInt64 = 2) -> HandshakeTranscript {
    var machine = ClientHandshake(wanted, crypto: .seeded(seed))
    var output = ByteWriter()
    machine.begin(output: &output)
    return run(pieces, sent: Array(copying: output.bytes)) { bytes, output throws(HandshakeError) in
        let step = try machine.receive(bytes, output: &output)
        return (step, machine.style)
    }
}

private func run(
    _ pieces: [[UInt8]], sent: [UInt8] = [],
    receive: (RawSpan, inout ByteWriter) throws(HandshakeError) -> (HandshakeStep, HandshakeStyle?)
) -> HandshakeTranscript {
    var transcript = HandshakeTranscript()
    var output = ByteWriter()
    output.append(sent)
    do throws(HandshakeError) {
        for piece in pieces {
            transcript.rest += piece
            if transcript.isDone { continue }
            let (step, style) = try receive(transcript.rest.rawSpan, &output)
            transcript.rest.removeFirst(step.consumed)
            transcript.isDone = step.isDone
            transcript.style = style
        }
    } catch {
        transcript.error = error
        transcript.rest = []
    }
    transcript.sent = Array(copying: output.bytes)
    return transcript
}

/// Both sides do the same however their input is cut, keep little of it, and find to each other.
///
/// The first byte says who reads, and whether the rest is what it reads or what spoils a proper handshake.
package func checkHandshake(_ input: [UInt8]) throws(BrokenInvariant) {
    guard let choice = input.first else { return }
    let styles: [HandshakeStyle] = [.simple, .digest(.keyFirst), .digest(.digestFirst)]
    let wanted = styles[Int(choice >> 2) % 3]
    var bytes = Array(input.dropFirst())
    let isServer = choice & 1 == 0
    if choice & 2 != 0 { bytes = spoilt(isServer ? hello(wanted) : runServer([hello(wanted)]).sent, by: bytes) }
    let read = try requireSame(bytes, isServer ? "server" : "client") { pieces in
        isServer ? runServer(pieces) : runClient(wanted, pieces)
    }
    try require(read.isDone || read.rest.count <= HandshakeStep.maximumUnconsumedBytes, "\(read.rest.count) bytes kept")
    guard isServer, read.error == nil, let style = read.style else { return }
    let peer = runClient(style, [read.sent])
    try require(peer.isDone && peer.error == nil, "a client gives up on \(read.sent)")
    try require(peer.style == style, "a client understands \(String(describing: peer.style)), not \(style)")
}

/// What a client of that style begins with.
package func hello(_ style: HandshakeStyle, seed: UInt64 = 2) -> [UInt8] { runClient(style, [], seed: seed).sent }

/// `bytes`, with what the pairs of `changes` say changed: so many bytes further on, another value.
private func spoilt(_ bytes: [UInt8], by changes: [UInt8]) -> [UInt8] {
    var result = bytes
    var position = 0
    for pair in stride(from: 0, to: changes.count - 1, by: 2) {
        position += Int(changes[pair]) * 7
        if position >= result.count { return result + changes[pair...] }
        result[position] ^= changes[pair + 1]
    }
    return result
}
