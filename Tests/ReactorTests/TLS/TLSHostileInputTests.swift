import Bytes
import TestKit
import Testing

@testable import Reactor

@Suite("TLSEngine answers hostile input with an error")
struct TLSHostileInputTests {
    let server: TLSServerContext
    let client: TLSClientContext
    let workspace = TLSWorkspace()

    init() throws {
        let authority = try TestAuthority()
        server = try TLSServerContext(authority.issue("example.com"))
        client = try TLSClientContext(trusting: authority)
    }

    /// What a new server makes of `bytes`: its error, and how many bytes it answered.
    private func feed(_ bytes: [UInt8]) throws -> (error: TLSError?, engine: TLSEngine, answered: Int) {
        let engine = try TLSEngine(server: server)
        var answered = 0
        do throws(TLSError) {
            try engine.receive(
                bytes.rawSpan, workspace: workspace, send: { answered += $0.byteCount },
                deliver: { _ in Issue.record("an event without a handshake") })
            return (nil, engine, answered)
        } catch {
            return (error, engine, answered)
        }
    }

    private func clientHello(versions: ClosedRange<TLSVersion> = .tls12...(.tls13)) throws -> [UInt8] {
        var configuration = client.configuration
        configuration.versions = versions
        let engine = try TLSEngine(client: TLSClientContext(configuration), serverName: "example.com")
        var bytes: [UInt8] = []
        try engine.start(workspace: workspace) { bytes += Array(copying: $0) }
        return bytes
    }

    @Test(
        "plain HTTP is called by its name",
        arguments: [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /rtc/v1/whip/ HTTP/1.1\r\n", "HEAD / HTTP/1.0\r\n",
            "CONNECT a:443 HTTP/1.1\r\n",
        ])
    func plainHTTP(request: String) throws {
        let (error, engine, _) = try feed(Array(request.utf8))
        #expect(error?.kind == .plainHTTP)
        #expect(engine.state == .failed(try #require(error)))
    }

    @Test(
        "other protocols and noise are no TLS",
        arguments: [
            Array("SSH-2.0-OpenSSH_9.2p1\r\n".utf8), [3] + pattern(1536), [UInt8](repeating: 0, count: 2000),
            [UInt8](repeating: 0xFF, count: 100), pattern(1 << 16),
        ])
    func noise(bytes: [UInt8]) throws {
        #expect(try feed(bytes).error?.kind == .notTLS)
    }

    @Test("a failed engine stays failed, with the same error")
    func staysFailed() throws {
        let (error, engine, _) = try feed(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        let first = try #require(error)
        let hello = try clientHello()
        #expect(throws: first) {
            try engine.receive(hello.rawSpan, workspace: workspace, send: { _ in }, deliver: { _ in })
        }
        #expect(throws: first) {
            try engine.encrypt(hello.rawSpan, workspace: workspace, send: { _ in })
        }
        engine.close(workspace: workspace) { _ in Issue.record("a failed engine has nothing to say") }
        #expect(engine.negotiated == nil)
    }

    @Test("every truncation of a ClientHello waits for the rest")
    func truncations() throws {
        let hello = try clientHello()
        for count in 0..<hello.count {
            let (error, engine, answered) = try feed(Array(hello[..<count]))
            #expect(error == nil && answered == 0 && engine.state == .handshaking)
            #expect(engine.peerEnded() == .truncated)
        }
        #expect(try feed(hello).answered > 0)
    }

    @Test("every byte of a ClientHello changed is an error or another handshake, never a trap")
    func mutations() throws {
        let hello = try clientHello()
        for position in hello.indices {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var changed = hello
                changed[position] ^= change
                let (error, engine, _) = try feed(changed)
                #expect(error.map { .failed($0) } ?? .handshaking == engine.state)
                #expect(error?.kind != .library)
            }
        }
    }

    @Test("an outdated version is named on both sides")
    func oldVersion() throws {
        var hello = try clientHello(versions: .tls12...(.tls12))
        // The version of the ClientHello itself becomes TLS 1.1.
        hello[10] = 0x02
        let (error, _, answered) = try feed(hello)
        #expect(error?.kind == .unsupportedVersion)
        #expect(answered == 7, "an alert goes to the client")
        let onlyNew = try TLSServerContext(TestAuthority().issue("example.com")) { $0.versions = .tls13...(.tls13) }
        var old = client.configuration
        old.versions = .tls12...(.tls12)
        let errors = try TLSPair(client: TLSClientContext(old), server: onlyNew).runToEnd()
        #expect(errors.server?.kind == .unsupportedVersion)
        #expect(errors.client?.kind == .alert(.protocolVersion))
    }

    @Test("no cipher in common is named on both sides")
    func noCommonCipher() throws {
        var configuration = client.configuration
        configuration.versions = .tls12...(.tls12)
        // The server's certificate has an elliptic key, and this suite needs RSA.
        configuration.ciphers = "ECDHE-RSA-AES128-GCM-SHA256"
        let errors = try TLSPair(client: TLSClientContext(configuration), server: server).runToEnd()
        #expect(errors.server?.kind == .nothingInCommon)
        #expect(errors.client?.kind == .alert(.handshakeFailure))
    }

    @Test("a changed record is refused, and what came whole before it is delivered", arguments: TLSVersion.allCases)
    func corruptRecord(version: TLSVersion) throws {
        var configuration = client.configuration
        configuration.versions = version...version
        let pair = try TLSPair(client: TLSClientContext(configuration), server: server)
        try pair.run()
        try pair.write([1, 2, 3], fromClient: true)
        try pair.write([4, 5, 6], fromClient: true)
        pair.toServer[pair.toServer.count - 1] ^= 1
        pair.longestPiece = 1 << 20
        let errors = pair.runToEnd()
        #expect(errors.server?.kind == .corruptRecord)
        #expect(pair.atServer.plaintext == [1, 2, 3])
        guard case .alert = errors.client?.kind else {
            Issue.record("the client learns by an alert, not \(String(describing: errors.client))")
            return
        }
    }

    @Test("a record longer than the protocol allows is refused at its header")
    func oversizedRecord() throws {
        let pair = try TLSPair(client: client, server: server)
        try pair.run()
        pair.toServer = [23, 3, 3, 0x60, 0x00]
        #expect(pair.runToEnd().server?.kind == .oversizedRecord)
    }

    @Test("noise after the handshake is an error of the protocol")
    func noiseLater() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let pair = try TLSPair(client: client, server: server)
            try pair.run()
            pair.toServer = pattern(5000, seed: seed)
            let error = try #require(pair.runToEnd().server)
            #expect(error.kind != .library && error.kind != .notTLS)
        }
    }

    @Test("an error of one connection does not reach another on the same thread")
    func errorsDoNotLeak() throws {
        let pair = try TLSPair(client: client, server: server)
        while !pair.toServer.isEmpty || !pair.toClient.isEmpty {
            try pair.runOnce()
            #expect(try feed(pattern(100)).error?.kind == .notTLS)
        }
        #expect(pair.server.state == .established)
    }
}

@Suite("TLSClientHello recognises TLS on a plain port")
struct TLSClientHelloTests {
    private func begins(_ bytes: some Sequence<UInt8>) -> Bool? { TLSClientHello.begins(Array(bytes).rawSpan) }

    private func hello() throws -> [UInt8] {
        var configuration = TLSClientConfiguration()
        configuration.verification = .none
        let engine = try TLSEngine(client: TLSClientContext(configuration), serverName: "example.com")
        var bytes: [UInt8] = []
        try engine.start(workspace: TLSWorkspace()) { bytes += Array(copying: $0) }
        return bytes
    }

    @Test("a ClientHello is TLS, and until that is clear more bytes are asked for")
    func recognises() throws {
        let hello = try hello()
        for count in 0..<TLSClientHello.decisiveBytes {
            #expect(begins(hello[..<count]) == nil)
        }
        for count in TLSClientHello.decisiveBytes...hello.count {
            #expect(begins(hello[..<count]) == true)
        }
    }

    @Test("every other first byte is not TLS", arguments: 0...255)
    func firstByte(byte: Int) {
        #expect(begins([UInt8(byte)]) == (byte == 22 ? nil : false))
    }

    @Test(
        "what comes to plain ports is not TLS",
        arguments: [
            [UInt8]("GET / HTTP/1.1\r\n".utf8), [3] + pattern(1536), [22, 2], [22, 3, 5], [22, 3, 1, 0xFF],
            [22, 3, 1, 0, 200, 2], [22, 3, 1, 0, 200, 1, 9], [22, 3, 1, 0, 200, 1, 0, 0, 100, 3, 0],
        ])
    func others(bytes: [UInt8]) {
        #expect(begins(bytes) == false)
    }
}
