import Bytes
import Glibc
import Reactor
import TestKit

/// Memory of established connections that are waiting: the server's ends kept, the clients' gone.
enum Idle {
    static func run(count: Int) throws {
        var kept: [TLSEngine] = []
        kept.reserveCapacity(count * TLSVersion.allCases.count)
        for version in TLSVersion.allCases {
            let sides = try Sides(version: version)
            let workspace = TLSWorkspace()
            // What the first connections allocate for all.
            for _ in 0..<100 { _ = try Connection(client: sides.client, server: sides.server, workspace: workspace) }
            let before = ProcessSelf.residentBytes
            for _ in 0..<count {
                let connection = try Connection(client: sides.client, server: sides.server, workspace: workspace)
                try exchange(connection, workspace)
                kept.append(connection.server)
            }
            let after = ProcessSelf.residentBytes
            print("idle \(version): \((after - before) / count) bytes per server connection")
        }
    }

    /// A kilobyte each way, so that what data leaves behind is counted.
    private static func exchange(_ connection: Connection, _ workspace: TLSWorkspace) throws {
        let bytes = [UInt8](repeating: 1, count: 1024)
        var wire: [UInt8] = []
        try connection.client.encrypt(bytes.rawSpan, workspace: workspace) { wire += Array(copying: $0) }
        try connection.server.receive(wire.rawSpan, workspace: workspace, send: { _ in }, deliver: { _ in })
        try connection.server.encrypt(bytes.rawSpan, workspace: workspace) { _ in }
    }
}

/// Whether memory grows with connections that have come and gone.
enum Leaks {
    static func run(count: Int) throws {
        let sides = try Sides(resumes: true)
        let fresh = try Sides()
        let workspace = TLSWorkspace()
        var resident: [Int] = []
        for _ in 0..<3 {
            for round in 0..<count {
                let pair = round % 2 == 0 ? sides : fresh
                let connection = try Connection(client: pair.client, server: pair.server, workspace: workspace)
                if round % 3 == 0 { connection.server.close(workspace: workspace) { _ in } }
                if round % 100 == 0 { try sides.server.reload() }
            }
            resident.append(ProcessSelf.residentBytes)
        }
        let sizes = resident.map { "\($0 >> 10) KiB" }
        print("leaks: resident after \(count), \(2 * count) and \(3 * count) handshakes: \(sizes)")
    }
}
