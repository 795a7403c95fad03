import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("TCPConnection with TLS")
struct TCPSecurityTests {
    let group: LoopGroup
    let server = EventLog<Seen>()
    let client = EventLog<Seen>()
    let tls: TLSContexts

    init() throws {
        tls = try TLSContexts(for: "example.com")
        group = try LoopGroup(count: 1)
    }

    // MARK: - Bytes

    @Test("a message goes there and back, then both ends close in good order, neither cut short")
    func echo() async throws {
        defer { group.shutdown() }
        let server = self.server
        let address = try await group.listen(server, .echo, tls: tls.server) { recorder, connection in
            #expect(connection.isSecure && connection.tls == nil)
            recorder.onPeerFinished = { connection in
                server.append(.received("truncated: \(connection.inputWasTruncated)"))
                connection.close()
            }
        }
        try await group.connect(to: address, client, tls: tls.client) { connection, recorder in
            recorder.onConnected = { connection in
                #expect(connection.tls?.version == .tls13)
                connection.write(SharedBytes("hello"))
            }
            recorder.onReceive = { $0.close() }
        }
        #expect(try await client.waitForEnd() == .closed)
        #expect(client.events == [.connected, .received("hello"), .closed(.closed)])
        #expect(try await server.waitForEnd() == .closed)
        let heard: [Seen] = [.connected, .peerFinished, .received("truncated: false"), .closed(.closed)]
        #expect(server.events.dropFirst() == heard[...])
    }

    @Test("20 MB arrive whole through an echo that is slower than its sender, with bounded memory on the way")
    func backpressure() async throws {
        defer { group.shutdown() }
        let total = 20 * 1024 * 1024
        let address = try await group.listen(server, .echo, tls: tls.server)
        try await group.connect(to: address, client, .count, tls: tls.client) { connection, recorder in
            let sender = BulkSender(connection: connection, left: total)
            recorder.onReceive = { connection in
                // A record adds 22 bytes to 16 KiB.
                let maximum = (connection.options.limits.highWatermark + BulkSender.chunk) * 101 / 100
                #expect(connection.pendingOutput <= maximum)
                sender.pump()
            }
            recorder.onDrained = { _ in sender.pump() }
            sender.pump()
        }
        try await client.wait(for: .bytes(total), within: .seconds(60))
    }

    @Test("a peer that never reads blocks its writer at the watermark and is cut by the write timeout")
    func neverReads() async throws {
        defer { group.shutdown() }
        let options = TCPOptions.changed { _, timeouts in timeouts.write = .seconds(1) }
        let address = try await group.listen(server, .text, tls: tls.server) { recorder, _ in
            recorder.onConnected = { $0.pauseReading() }
        }
        try await group.connect(to: address, client, options: options, tls: tls.client) { connection, recorder in
            let sender = BulkSender(connection: connection, left: .max)
            recorder.onDrained = { _ in sender.pump() }
            sender.pump()
        }
        #expect(try await client.waitForEnd() == .timeout(.write))
        let blocks = client.events.count { $0 == .blocked }
        #expect(blocks == client.events.count { $0 == .drained } + 1, "blocked at the end, and told each time")
    }

    @Test("an owner that writes while it receives hears of the watermark in time")
    func watermarkWhileReceiving() async throws {
        defer { group.shutdown() }
        let server = self.server
        let address = try await group.listen(server, tls: tls.server) { recorder, _ in
            recorder.onReceive = { connection in
                let block = SharedBytes([UInt8](repeating: 7, count: 64 * 1024))
                var written = 0
                while !connection.isOutputBlocked, !connection.isClosed, written < 256 * 1024 * 1024 {
                    connection.write(block)
                    written += block.count
                }
                let limits = connection.options.limits
                #expect(connection.isOutputBlocked && connection.pendingOutput < limits.highWatermark * 2)
                server.append(.bytes(written))
            }
        }
        try await group.connect(to: address, client, .count, tls: tls.client) { connection, recorder in
            recorder.onConnected = { connection in
                connection.write(SharedBytes("go"))
                connection.pauseReading()
                connection.deadline = connection.loop.now + .milliseconds(50)
                connection.handler = Resuming(next: recorder)
            }
        }
        let events = try await server.wait(for: "drained") { $0.contains(.drained) }
        #expect(!events.contains { if case .closed = $0 { true } else { false } })
        guard case .bytes(let written)? = events.first(where: { if case .bytes = $0 { true } else { false } }) else {
            Issue.record("nothing was written")
            return
        }
        try await client.wait(for: .bytes(written))
    }

    @Test("what is written before the handshake is done is sent when it is, in order, with the end behind it")
    func earlyWrites() async throws {
        defer { group.shutdown() }
        let server = self.server
        let address = try await group.listen(server, tls: tls.server) { recorder, _ in
            recorder.onPeerFinished = { connection in
                server.append(.received(connection.inputWasTruncated ? " cut" : " whole"))
                connection.close()
            }
        }
        try await group.connect(to: address, client, tls: tls.client) { connection, _ in
            connection.write(SharedBytes("a"))
            connection.write("b".bytes.rawSpan)
            connection.enqueue(SharedBytes("c"))
            connection.enqueue("d".bytes.rawSpan)
            #expect(connection.pendingOutput == 4)
            connection.close()
            connection.write(SharedBytes("too late"))
        }
        #expect(try await client.waitForEnd() == .closed)
        #expect(try await server.waitForEnd() == .closed)
        #expect(server.text == "abcd whole")
    }

    @Test("a hundred small pieces that are queued leave in one record")
    func coalescing() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, tls: tls.server)
        let client = self.client
        try await group.connect(to: address, client, tls: tls.client) { connection, recorder in
            recorder.onConnected = { connection in
                let before = connection.bytesSent
                for _ in 0..<50 {
                    connection.enqueue(SharedBytes("0123456789"))
                    connection.enqueue("abcdefghij".bytes.rawSpan)
                }
                #expect(connection.bytesSent == before && connection.pendingOutput == 1_000)
                connection.flush()
                #expect(connection.pendingOutput == 0)
                client.append(.bytes(Int(connection.bytesSent - before)))
            }
        }
        // RFC 8446 §5.2: a header of 5 bytes, a content type, and a tag of 16.
        try await client.wait(for: .bytes(1_000 + 22))
        let text = String(repeating: "0123456789abcdefghij", count: 50)
        try await server.wait(for: .received(text))
    }

    // MARK: - Ends

    @Test("FIN without TLS's own end shows the input as cut short")
    func truncated() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, tls: tls.server) { recorder, _ in
            recorder.onReceive = { connection in
                connection.write(SharedBytes("half of it"))
                // What somebody on the way could do: TLS is not asked.
                shutdown(connection.socket.descriptor, CInt(SHUT_WR))
            }
        }
        let client = self.client
        try await group.connect(to: address, client, tls: tls.client) { connection, recorder in
            recorder.onPeerFinished = { connection in
                client.append(.received(connection.inputWasTruncated ? ", cut" : ", whole"))
                connection.close()
            }
            connection.write(SharedBytes("go"))
        }
        _ = try await client.waitForEnd()
        #expect(client.text == "half of it, cut")
    }

    @Test("output written before a half-close still arrives, and the other half goes on")
    func halfClose() async throws {
        defer { group.shutdown() }
        let server = self.server
        let address = try await group.listen(server, tls: tls.server) { recorder, _ in
            recorder.onPeerFinished = { connection in
                server.append(.received(connection.inputWasTruncated ? ", cut" : ", whole"))
                connection.write(SharedBytes("after your end"))
                connection.close()
            }
        }
        try await group.connect(to: address, client, tls: tls.client) { connection, _ in
            connection.write(SharedBytes("last words"))
            connection.finishOutput()
            connection.write(SharedBytes("too late"))
        }
        #expect(try await client.waitForEnd() == .closed)
        #expect(client.text == "after your end")
        #expect(try await server.waitForEnd() == .closed)
        #expect(server.text == "last words, whole")
    }

    @Test("a half-close waits for megabytes that the peer has not taken yet")
    func halfCloseBehindOutput() async throws {
        defer { group.shutdown() }
        let total = 3 * 1024 * 1024
        let server = self.server
        let options = TCPOptions.changed { limits, _ in limits.maximumOutput = 8 * 1024 * 1024 }
        let address = try await group.listen(server, .count, tls: tls.server) { recorder, _ in
            recorder.onConnected = { connection in
                connection.pauseReading()
                connection.deadline = connection.loop.now + .milliseconds(50)
                connection.handler = Resuming(next: recorder)
            }
            recorder.onPeerFinished = { connection in
                server.append(.received(connection.inputWasTruncated ? "cut" : "whole"))
                connection.close()
            }
        }
        try await group.connect(to: address, client, options: options, tls: tls.client) { connection, _ in
            connection.write(SharedBytes([UInt8](repeating: 1, count: total)))
            connection.finishOutput()
        }
        #expect(try await client.waitForEnd() == .closed)
        try await server.wait(for: .received("whole"))
        #expect(server.events.contains(.bytes(total)))
    }

    @Test("an answer and a close from inside of receiving arrive whole")
    func closesWhileReceiving() async throws {
        defer { group.shutdown() }
        let answer = String(repeating: "answer ", count: 10_000)
        let address = try await group.listen(server, tls: tls.server) { recorder, _ in
            recorder.onReceive = { connection in
                connection.write(SharedBytes(answer))
                connection.close()
            }
        }
        let client = self.client
        try await group.connect(to: address, client, tls: tls.client) { connection, recorder in
            recorder.onPeerFinished = { connection in
                #expect(!connection.inputWasTruncated)
                connection.close()
            }
            connection.write(SharedBytes("question"))
        }
        #expect(try await client.waitForEnd() == .closed)
        #expect(client.text == answer)
        #expect(try await server.waitForEnd() == .closed)
    }

    @Test(
        "an owner may close or abort when it is told that output is blocked", arguments: [false, true], [false, true])
    func endsWhenBlocked(isSecure: Bool, aborts: Bool) async throws {
        defer { group.shutdown() }
        let (serverTLS, clientTLS) = (isSecure ? tls.server : nil, isSecure ? tls.client : nil)
        let address = try await group.listen(server, .count, tls: serverTLS) { recorder, _ in
            recorder.onReceive = { connection in
                // Slow enough that the sender gets ahead.
                connection.pauseReading()
                connection.deadline = connection.loop.now + .milliseconds(1)
                connection.handler = Resuming(next: recorder)
            }
        }
        let client = self.client
        try await group.connect(to: address, client, tls: clientTLS) { connection, recorder in
            let sender = BulkSender(connection: connection, left: .max)
            recorder.onBlocked = { connection in
                if aborts { connection.abort() } else { connection.close() }
            }
            func send(_ connection: TCPConnection) {
                while connection.isOpen { sender.pump() }
                client.append(.bytes(connection.pendingOutput))
            }
            recorder.onConnected = send
        }
        #expect(try await client.waitForEnd() == (aborts ? .aborted : .closed))
        #expect(client.events.count { $0 == .blocked } == 1)
        #expect(client.events.contains(.bytes(0)) == aborts, "an abort drops what was waiting, a close sends it")
        #expect(try await server.waitForEnd() == (aborts ? .reset : .closed))
    }
}

/// Lets reading go on when the deadline passes, and gives the connection back to its recorder.
final class Resuming: TCPHandler {
    private let next: Recorder

    init(next: Recorder) { self.next = next }

    func received(_ bytes: RawSpan, on connection: TCPConnection) { next.received(bytes, on: connection) }
    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { next.closed(connection, reason) }
    func peerFinished(_ connection: TCPConnection) { next.peerFinished(connection) }
    func outputDrained(_ connection: TCPConnection) { next.outputDrained(connection) }

    func deadlinePassed(_ connection: TCPConnection) {
        connection.handler = next
        connection.resumeReading()
    }
}
