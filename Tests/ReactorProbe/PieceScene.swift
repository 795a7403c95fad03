import Bytes
import Glibc
import Reactor
import TestKit

/// Queues many small pieces of output, and says where they take much more memory than they have bytes.
enum PieceScene {
    private static let total = 256 * 1024

    static func play() throws {
        let group = try LoopGroup(count: 1)
        group.handles[0].submit { loop in
            do {
                for isSecure in [false, true] {
                    for size in [1, 100, 257] { try measure(size, isSecure, on: loop) }
                }
            } catch {
                say("\(error)")
            }
            say("measured")
            exit(0)
        }
        group.join()
    }

    private static func measure(_ size: Int, _ isSecure: Bool, on loop: EventLoop) throws {
        let bytes = [UInt8](repeating: 1, count: size)
        let ways: [(name: String, add: (TCPConnection) -> Void)] = [
            ("write copied", { $0.write(bytes.rawSpan) }), ("write shared", { $0.write(SharedBytes(bytes)) }),
            ("enqueue copied", { $0.enqueue(bytes.rawSpan) }), ("enqueue shared", { $0.enqueue(SharedBytes(bytes)) }),
        ]
        for way in ways {
            let connection = try silentConnection(isSecure, on: loop)
            let (before, waiting) = (ProcessSelf.residentBytes, connection.pendingOutput)
            for _ in 0..<(total / size) { way.add(connection) }
            let memory = ProcessSelf.residentBytes - before
            let queued = connection.pendingOutput - waiting
            // With room for what a sanitizer adds.
            if queued < total * 9 / 10 || memory > 4 * queued + 4 * 1024 * 1024 {
                say("\(way.name), \(isSecure ? "TLS" : "plain"), \(size) bytes: \(memory) for \(queued)")
            }
            connection.abort()
        }
    }

    /// A connection to nobody, which therefore takes no byte: it stands when the loop looks for the next time.
    private static func silentConnection(_ isSecure: Bool, on loop: EventLoop) throws -> TCPConnection {
        var limits = TCPOptions.Limits()
        limits.maximumOutput = 64 * 1024 * 1024
        let role = isSecure ? TCPSecurityRole.client(try TLSClientContext(), serverName: "a.test") : .none
        return try TCPConnection.connect(
            to: .loopback(port: 9), on: loop, options: TCPOptions(limits: limits), security: role, handler: Nobody())
    }
}

private final class Nobody: TCPHandler {
    func received(_ bytes: RawSpan, on connection: TCPConnection) {}
    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {}
}
