import Bytes
import Reactor
import TestKit

/// Two engines joined in memory, and the CPU time that each has taken, in nanoseconds.
final class Connection {
    let client: TLSEngine
    let server: TLSEngine
    private(set) var clientTime: UInt64 = 0
    private(set) var serverTime: UInt64 = 0

    /// Makes both and carries the handshake to its end.
    init(client: TLSClientContext, server: TLSServerContext, workspace: TLSWorkspace) throws {
        var start = cpuTime()
        self.client = try TLSEngine(client: client, serverName: "example.com")
        var toServer = ByteWriter(capacity: 4096)
        var toClient = ByteWriter(capacity: 8192)
        try self.client.start(workspace: workspace) { toServer.append($0) }
        clientTime += cpuTime() - start
        start = cpuTime()
        self.server = try TLSEngine(server: server)
        serverTime += cpuTime() - start
        while !toServer.isEmpty || !toClient.isEmpty {
            start = cpuTime()
            try self.server.receive(
                toServer.bytes, workspace: workspace, send: { toClient.append($0) }, deliver: { _ in })
            serverTime += cpuTime() - start
            toServer.removeAll()
            start = cpuTime()
            try self.client.receive(
                toClient.bytes, workspace: workspace, send: { toServer.append($0) }, deliver: { _ in })
            clientTime += cpuTime() - start
            toClient.removeAll()
        }
    }
}

/// The two sides of a connection that trust each other.
struct Sides {
    let client: TLSClientContext
    let server: TLSServerContext

    init(
        key: TestCertificate.Content.KeyKind = .p256, version: TLSVersion = .tls13, resumes: Bool = false,
        ciphers: String = TLSCiphers.modern
    ) throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue(TestCertificate.Content(names: ["example.com"], key: key))
        func bytes(_ pem: String) -> PEMSource { .bytes(Array(pem.utf8), name: "benchmark") }
        var serving = TLSServerConfiguration(
            identities: [TLSIdentity(certificates: bytes(leaf.chain), privateKey: bytes(leaf.privateKey))])
        serving.versions = version...version
        serving.ciphers = ciphers
        server = try TLSServerContext(serving)
        var asking = TLSClientConfiguration()
        asking.authorities = .custom(bytes(authority.certificate))
        asking.maximumSessions = resumes ? 16 : 0
        client = try TLSClientContext(asking)
    }
}
