import Reactor
import TestKit

/// Handshakes per second of one core, server and client each by itself.
enum Handshakes {
    static func run() throws {
        let workspace = TLSWorkspace()
        let kinds: [(String, TestCertificate.Content.KeyKind, TLSVersion, Bool)] = [
            ("full, P-256", .p256, .tls13, false), ("full, RSA 2048", .rsa(bits: 2048), .tls13, false),
            ("full, P-256", .p256, .tls12, false), ("resumed", .p256, .tls13, true), ("resumed", .p256, .tls12, true),
        ]
        for (name, key, version, resumes) in kinds {
            let sides = try Sides(key: key, version: version, resumes: resumes)
            let count = 1_000
            var server: UInt64 = 0
            var client: UInt64 = 0
            for round in 0..<(count + 100) {
                let connection = try Connection(client: sides.client, server: sides.server, workspace: workspace)
                guard round >= 100 else { continue }
                precondition(connection.server.negotiated?.resumed == resumes)
                server += connection.serverTime
                client += connection.clientTime
            }
            func perSecond(_ time: UInt64) -> String { fixed(Double(count) * 1e9 / Double(time), 0) }
            print(
                "handshakes \(version) \(name): server \(perSecond(server))/s, client \(perSecond(client))/s per core")
        }
    }
}
