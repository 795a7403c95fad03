package import TestKit

/// Sessions of both sides do the same however their input is cut, say each thing once, and send nothing but chunks that
/// can be read, in proportion to what they are sent.
///
/// The first byte says who reads, and what the rest is: all of the bytes of a connection, those behind a proper
/// handshake, or the program of the messages behind one.
package func checkSession(_ input: [UInt8]) throws(BrokenInvariant) {
    guard let choice = input.first else { return }
    let isServer = choice & 1 == 0
    let rest = Array(input.dropFirst())
    // Handshakes are cut by their own tests.
    let before: [[UInt8]] = choice >> 1 & 3 == 0 ? [] : [handshake]
    let bytes: [UInt8]
    switch choice >> 1 & 3 {
    case 0: bytes = Array(rest.prefix(200))
    case 1: bytes = Array(rest.prefix(400))
    default:
        let program = Array(rest.prefix(40))
        bytes = isServer ? SessionProgram.client([0, 0] + program) : SessionProgram.server(program)
    }
    let isLenient = choice & 8 == 0
    if isServer {
        let policy = ServerPolicy(publish: isLenient, play: choice & 16 == 0)
        _ = try requireSame(bytes, "server") { pieces throws(BrokenInvariant) in
            try runServerSession(before + pieces, policy: policy)
        }
    } else {
        _ = try requireSame(bytes, "client") { pieces throws(BrokenInvariant) in
            try runClientSession(publishing: isLenient, before + pieces)
        }
    }
}

/// Either side's half of a simple handshake.
private let handshake: [UInt8] = [3] + [UInt8](repeating: 0, count: 2 * 1536)
