import Bytes
import TestKit
import Testing

@testable import Reactor

@Suite("TLSEngine carries bytes both ways")
struct TLSEngineTests {
    let authority: TestAuthority
    let certificate: TestCertificate

    init() throws {
        authority = try TestAuthority()
        certificate = try authority.issue("example.com")
    }

    private func pair(
        _ version: TLSVersion = .tls13, seed: UInt64 = 1, maximumRecordsPerKey: UInt32 = 1 << 24
    ) throws -> TLSPair {
        try TLSPair(
            client: TLSClientContext(trusting: authority) { $0.versions = version...version },
            server: TLSServerContext(certificate) { $0.maximumRecordsPerKey = maximumRecordsPerKey }, seed: seed)
    }

    @Test("whatever the pieces, the same bytes arrive", arguments: TLSVersion.allCases, 1...12)
    func exchange(version: TLSVersion, seed: Int) throws {
        let pair = try pair(version, seed: UInt64(seed))
        // From one byte at a time to whole flights.
        pair.longestPiece = 1 << seed
        try pair.run()
        #expect(pair.client.state == .established && pair.server.state == .established)
        let request = pattern(10_000, seed: 1)
        let answer = pattern(100_000, seed: 2)
        try pair.write(request, fromClient: true)
        try pair.write(answer, fromClient: false)
        pair.longestPiece = max(pair.longestPiece, 512)
        try pair.run()
        #expect(pair.atServer.plaintext == request)
        #expect(pair.atClient.plaintext == answer)
        #expect(pair.client.negotiated?.version == version)
    }

    @Test("both ends tell the same of what was agreed")
    func negotiated() throws {
        let pair = try pair()
        #expect(pair.client.negotiated == nil && pair.server.negotiated == nil)
        try pair.run()
        let seen = try #require(pair.server.negotiated)
        #expect(seen.version == .tls13)
        #expect(seen.cipher.hasPrefix("TLS_"))
        #expect(seen.serverName == "example.com")
        #expect(seen.applicationProtocol == nil)
        #expect(!seen.resumed)
        #expect(pair.client.negotiated == seen)
    }

    @Test("the handshake is told before the first byte, even where both come at once", arguments: TLSVersion.allCases)
    func establishedComesFirst(version: TLSVersion) throws {
        let pair = try pair(version)
        pair.longestPiece = 1 << 20
        var sent = false
        // The client writes as soon as it may: its Finished and its request arrive at the server in one piece.
        while pair.atServer.plaintext.isEmpty {
            if pair.client.state == .established, !sent {
                try pair.write([1, 2, 3], fromClient: true)
                sent = true
            }
            try pair.runOnce()
        }
        #expect(pair.atServer.establishedAt == 0)
        #expect(pair.atServer.plaintext == [1, 2, 3])
    }

    @Test("10 MB in one write arrive unharmed", arguments: TLSVersion.allCases)
    func hugeWrite(version: TLSVersion) throws {
        let pair = try pair(version)
        try pair.run()
        let bytes = pattern(10_000_000)
        try pair.write(bytes, fromClient: false)
        #expect(pair.toClient.count > bytes.count)
        pair.longestPiece = 300_000
        try pair.run()
        #expect(pair.atClient.plaintext == bytes)
    }

    @Test("what one read of a socket decrypts to is delivered in one piece")
    func onePiece() throws {
        let pair = try pair()
        try pair.run()
        try pair.write(pattern(Scratch.maximum + 20_000), fromClient: false)
        // The first read ends inside a record, the second is as long as a read can be.
        let first = Array(pair.toClient.prefix(16_000))
        let second = Array(pair.toClient.dropFirst(16_000).prefix(Scratch.maximum))
        var deliveries: [Int] = []
        for piece in [first, second] {
            try pair.client.receive(
                piece.rawSpan, workspace: pair.workspace, send: { _ in },
                deliver: { if case .plaintext(let bytes) = $0 { deliveries.append(bytes.byteCount) } })
        }
        #expect(deliveries == [(first.count + second.count) / 16_406 * 16_384])
    }

    @Test("small pieces share records")
    func gather() throws {
        let pair = try pair()
        try pair.run()
        let pieces = (0..<100).map { SharedBytes(pattern(100 + $0 * 7, seed: UInt64($0))) }
        try pair.server.encrypt(pieces, workspace: pair.workspace) { pair.toClient += Array(copying: $0) }
        let total = pieces.reduce(0) { $0 + $1.count }
        let records = (total + 16_383) / 16_384
        #expect(pair.toClient.count == total + records * 22, "a TLS 1.3 record adds 22 bytes")
        try pair.run()
        #expect(pair.atClient.plaintext == pieces.flatMap(\.array))
        try pair.server.encrypt([SharedBytes.empty], workspace: pair.workspace) { _ in Issue.record("nothing to send") }
        try pair.write([], fromClient: false)
        #expect(pair.toClient.isEmpty)
    }

    @Test("keys change after so many records, and nothing is lost", arguments: TLSVersion.allCases)
    func keyUpdate(version: TLSVersion) throws {
        let pair = try pair(version, maximumRecordsPerKey: 2)
        try pair.run()
        var expected: [UInt8] = []
        var sizes: [Int] = []
        for round in 0..<7 {
            let bytes = pattern(1000, seed: UInt64(round))
            try pair.write(bytes, fromClient: false)
            sizes.append(pair.toClient.count)
            expected += bytes
            try pair.run()
        }
        #expect(pair.atClient.plaintext == expected)
        // A KeyUpdate is 5 bytes in a record of its own, and TLS 1.2 has none.
        let plain = sizes[0]
        let keyUpdates = version == .tls12 ? [0, 0, 0, 0, 0, 0, 0] : [0, 0, 1, 0, 1, 0, 1]
        #expect(sizes == keyUpdates.map { plain + $0 * 27 })
    }

    @Test("a flight longer than any buffer goes out whole", arguments: TLSVersion.allCases)
    func longFlight(version: TLSVersion) throws {
        // Twice as many certificates as a buffer holds; what a client accepts is less, and it says so.
        let copies = 2 * TLSWorkspace.bufferBytes / (certificate.certificate.utf8.count * 3 / 4)
        let chain = String(repeating: certificate.certificate, count: copies)
        let identity = TLSIdentity(certificates: .text(chain), privateKey: .text(certificate.privateKey))
        let server = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
        let client = try TLSClientContext(trusting: authority) { $0.versions = version...version }
        let pair = try TLSPair(client: client, server: server)
        var sends = 0
        try pair.server.receive(
            pair.toServer.rawSpan, workspace: pair.workspace,
            send: {
                sends += 1
                pair.toClient += Array(copying: $0)
            }, deliver: { _ in })
        #expect(sends >= 2 && pair.toClient.count > TLSWorkspace.bufferBytes)
        pair.toServer = []
        let error = pair.runToEnd().client
        #expect(error == TLSError(kind: .protocolViolation, reason: "excessive message size"))
    }

    @Test("answering from inside a delivery, on the same engine and on another of the same loop")
    func nestedCalls() throws {
        let first = try pair()
        let second = try pair(.tls12)
        try first.run()
        try second.run()
        let bytes = pattern(50_000)
        try first.write(bytes, fromClient: true)
        try first.server.receive(
            first.toServer.rawSpan, workspace: first.workspace,
            send: { first.toClient += Array(copying: $0) },
            deliver: { event in
                guard case .plaintext(let span) = event else { return }
                do {
                    // One echo, one relay through another connection: all of them in one workspace.
                    try first.server.encrypt(span, workspace: first.workspace) { first.toClient += Array(copying: $0) }
                    var relayed: [UInt8] = []
                    try second.client.encrypt(span, workspace: first.workspace) { relayed += Array(copying: $0) }
                    try second.server.receive(
                        relayed.rawSpan, workspace: first.workspace, send: { _ in },
                        deliver: {
                            if case .plaintext(let bytes) = $0 { second.atServer.plaintext += Array(copying: bytes) }
                        })
                    #expect(Array(copying: span) == bytes, "the nested calls have not touched what is delivered")
                } catch {
                    Issue.record(error)
                }
            })
        first.toServer = []
        try first.run()
        #expect(first.atClient.plaintext == bytes)
        #expect(second.atServer.plaintext == bytes)
    }

    @Test("nothing is written before the handshake")
    func writeTooEarly() throws {
        let pair = try pair()
        let hello = pair.toServer.count
        #expect(throws: TLSError(kind: .notEstablished, reason: "")) { try pair.write([1], fromClient: true) }
        #expect(pair.toServer.count == hello)
        try pair.run()
        try pair.write([1], fromClient: true)
        try pair.run()
        #expect(pair.atServer.plaintext == [1])
    }
}

@Suite("TLSEngine tells an end from a cut")
struct TLSClosingTests {
    let authority: TestAuthority
    let certificate: TestCertificate

    init() throws {
        authority = try TestAuthority()
        certificate = try authority.issue("example.com")
    }

    private func pair(_ version: TLSVersion) throws -> TLSPair {
        try TLSPair(
            client: TLSClientContext(trusting: authority) { $0.versions = version...version },
            server: TLSServerContext(certificate))
    }

    @Test("close_notify after the last byte is a clean end", arguments: TLSVersion.allCases)
    func cleanEnd(version: TLSVersion) throws {
        let pair = try pair(version)
        try pair.run()
        try pair.write([1, 2, 3], fromClient: false)
        pair.close(fromClient: false)
        #expect(pair.server.state == .closing && pair.server.outputEnded)
        try pair.run()
        #expect(pair.atClient.plaintext == [1, 2, 3])
        #expect(pair.atClient.closedAt == 3)
        #expect(pair.client.state == .closing && pair.client.inputEnded)
        #expect(pair.client.peerEnded() == .clean)
        #expect(pair.server.peerEnded() == .truncated)
        pair.close(fromClient: true)
        try pair.run()
        #expect(pair.client.state == .closed && pair.server.state == .closed)
        #expect(pair.server.peerEnded() == .clean)
    }

    @Test("an end of the socket without close_notify is a cut", arguments: TLSVersion.allCases)
    func truncated(version: TLSVersion) throws {
        let pair = try pair(version)
        #expect(pair.server.peerEnded() == .truncated)
        try pair.run()
        #expect(pair.server.peerEnded() == .truncated)
        try pair.write([1, 2, 3], fromClient: true)
        pair.close(fromClient: true)
        pair.toServer.removeLast()
        try pair.run()
        #expect(pair.atServer.plaintext == [1, 2, 3])
        #expect(pair.server.peerEnded() == .truncated)
        #expect(pair.server.state == .established)
    }

    @Test("one side can go on after the other has closed", arguments: TLSVersion.allCases)
    func halfClose(version: TLSVersion) throws {
        let pair = try pair(version)
        try pair.run()
        try pair.write([9], fromClient: true)
        pair.close(fromClient: true)
        try pair.run()
        let answer = pattern(40_000)
        try pair.write(answer, fromClient: false)
        try pair.run()
        #expect(pair.atClient.plaintext == answer)
        #expect(throws: TLSError(kind: .closed, reason: "")) { try pair.write([1], fromClient: true) }
    }

    @Test("what follows close_notify is ignored, and the end is told once")
    func bytesAfterTheEnd() throws {
        let pair = try pair(.tls13)
        try pair.run()
        pair.close(fromClient: true)
        pair.toServer += pattern(3000)
        pair.longestPiece = 100
        try pair.run()
        #expect(pair.server.state == .closing)
        #expect(pair.atServer == TLSPair.Seen(plaintext: [], establishedAt: 0, closedAt: 0))
    }

    @Test("closing twice sends one close_notify, and before the handshake none")
    func closeTwice() throws {
        let pair = try pair(.tls13)
        let hello = pair.toServer.count
        pair.close(fromClient: true)
        #expect(pair.toServer.count == hello)
        try pair.run()
        pair.close(fromClient: true)
        let once = pair.toServer.count
        #expect(once > 0)
        pair.close(fromClient: true)
        #expect(pair.toServer.count == once)
    }
}
