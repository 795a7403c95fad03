import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("A TCPConnection whose peer breaks off")
struct TCPFailureTests {
    let group: LoopGroup
    let log = EventLog<Seen>()

    init() throws { group = try LoopGroup(count: 1) }

    @Test("what came before a reset is delivered, then the reset is told")
    func lastWords() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(log)
        let peer = try Socket.connected(to: address)
        try await log.wait(count: 1)
        // The loop is busy here, and hears of both at once.
        try await group.onLoop { _ in peer.sayAndReset("last words") }
        #expect(try await log.waitForEnd() == .reset)
        #expect(log.events.dropFirst() == [.received("last words"), .closed(.reset)])
    }

    @Test("also where a write was the first to find the connection broken; what is written then goes nowhere")
    func foundByWriting() async throws {
        defer { group.shutdown() }
        let listener = try Socket.listening()
        defer { listener.close() }
        let address = try #require(listener.localAddress)
        try await group.connect(to: address, log) { _, recorder in
            recorder.onConnected = { connection in
                listener.accepted().sayAndReset("last words")
                // As a writer does that stops at the watermark; it must not go on for ever.
                var writes = 0
                while !connection.isOutputBlocked, !connection.isClosed, writes < 100_000 {
                    connection.write(SharedBytes("into the void"))
                    writes += 1
                }
                #expect(writes == 1)
                connection.flush()
                #expect(connection.isOutputBlocked)
                #expect(connection.pendingOutput == 0 && !connection.isClosed)
                #expect(connection.detach() == nil)
            }
            recorder.onReceive = { $0.write(SharedBytes("and this")) }
        }
        #expect(try await log.waitForEnd() == .reset)
        #expect(log.events == [.connected, .received("last words"), .closed(.reset)])
    }

    @Test("an owner that does not read, or stops, hears of the end all the same", arguments: [true, false])
    func paused(fromTheStart: Bool) async throws {
        defer { group.shutdown() }
        let listener = try Socket.listening()
        defer { listener.close() }
        let address = try #require(listener.localAddress)
        try await group.connect(to: address, log) { _, recorder in
            recorder.onConnected = { connection in
                if fromTheStart { connection.pauseReading() }
                listener.accepted().sayAndReset(String(repeating: "x", count: 200_000))
                connection.write(SharedBytes("into the void"))
            }
            recorder.onReceive = { $0.pauseReading() }
        }
        #expect(try await log.waitForEnd() == .reset)
        #expect(log.events.count == (fromTheStart ? 2 : 3))
    }
}
