import Bytes
import TestKit

@testable import Reactor

/// Two engines joined by two byte pipes, each cut into random pieces.
final class TLSPair {
    /// What one end has seen.
    struct Seen: Equatable {
        var plaintext: [UInt8] = []
        var establishedAt: Int?
        var closedAt: Int?
    }

    let workspace = TLSWorkspace()
    let client: TLSEngine
    let server: TLSEngine
    var atClient = Seen()
    var atServer = Seen()

    /// Ciphertext under way.
    var toServer: [UInt8] = []
    var toClient: [UInt8] = []

    /// Longest piece that is handed over at once.
    var longestPiece = 1 << 14
    private var random: SplitMix

    init(
        client: TLSClientContext, server: TLSServerContext, serverName: String = "example.com", seed: UInt64 = 1
    ) throws(TLSError) {
        self.client = try TLSEngine(client: client, serverName: serverName)
        self.server = try TLSEngine(server: server)
        random = SplitMix(seed: seed)
        try self.client.start(workspace: workspace) { toServer += Array(copying: $0) }
    }

    /// Carries bytes both ways until none are under way; an error of either end is thrown when it happens.
    func run() throws(TLSError) {
        while !toServer.isEmpty || !toClient.isEmpty { try runOnce() }
    }

    /// Carries one piece each way.
    func runOnce() throws(TLSError) {
        try step(server, from: &toServer, answers: \.toClient, seen: \.atServer)
        try step(client, from: &toClient, answers: \.toServer, seen: \.atClient)
    }

    /// The same, but an error ends that end only; returns the errors of client and server.
    func runToEnd() -> (client: TLSError?, server: TLSError?) {
        var errors: (client: TLSError?, server: TLSError?)
        while (!toServer.isEmpty && errors.server == nil) || (!toClient.isEmpty && errors.client == nil) {
            if errors.server == nil {
                do { try step(server, from: &toServer, answers: \.toClient, seen: \.atServer) } catch {
                    errors.server = error
                }
            }
            if errors.client == nil {
                do { try step(client, from: &toClient, answers: \.toServer, seen: \.atClient) } catch {
                    errors.client = error
                }
            }
        }
        return errors
    }

    private func step(
        _ engine: TLSEngine, from pipe: inout [UInt8], answers: ReferenceWritableKeyPath<TLSPair, [UInt8]>,
        seen: ReferenceWritableKeyPath<TLSPair, Seen>
    ) throws(TLSError) {
        guard !pipe.isEmpty else { return }
        let count = min(pipe.count, Int.random(in: 1...longestPiece, using: &random))
        let piece = Array(pipe[..<count])
        pipe.removeFirst(count)
        try receive(piece, at: engine, answers: answers, seen: seen)
    }

    private func receive(
        _ piece: [UInt8], at engine: TLSEngine, answers: ReferenceWritableKeyPath<TLSPair, [UInt8]>,
        seen: ReferenceWritableKeyPath<TLSPair, Seen>
    ) throws(TLSError) {
        try engine.receive(
            piece.rawSpan, workspace: workspace,
            send: { self[keyPath: answers] += Array(copying: $0) },
            deliver: { event in
                switch event {
                case .established: self[keyPath: seen].establishedAt = self[keyPath: seen].plaintext.count
                case .plaintext(let bytes): self[keyPath: seen].plaintext += Array(copying: bytes)
                case .closedByPeer: self[keyPath: seen].closedAt = self[keyPath: seen].plaintext.count
                }
            })
    }

    func write(_ bytes: [UInt8], fromClient: Bool) throws(TLSError) {
        try (fromClient ? client : server).encrypt(bytes.rawSpan, workspace: workspace) {
            if fromClient { toServer += Array(copying: $0) } else { toClient += Array(copying: $0) }
        }
    }

    func close(fromClient: Bool) {
        (fromClient ? client : server).close(workspace: workspace) {
            if fromClient { toServer += Array(copying: $0) } else { toClient += Array(copying: $0) }
        }
    }
}
