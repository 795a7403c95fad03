import Bytes
import TestKit
import Testing

@testable import Reactor

@Suite("A TCPConnection that is read at a pace")
struct TCPPacingTests {
    /// A listener whose connections are paced, on the first loop.
    private func listen(
        _ group: LoopGroup, _ log: EventLog<Seen>, _ change: (@Sendable (Recorder, TCPConnection) -> Void)? = nil
    ) async throws -> SocketAddress {
        try await group.listen(log) { recorder, connection in
            connection.paceReading(true)
            change?(recorder, connection)
        }
    }

    private func loops(pace: Duration) throws -> LoopGroup {
        var limits = LoopLimits()
        limits.pacedInterval = pace
        return try LoopGroup(count: 1, limits: limits)
    }

    @Test("small pieces that come between two looks come together")
    func together() async throws {
        let group = try loops(pace: .seconds(1))
        defer { group.shutdown() }
        let server = EventLog<Seen>()
        let client = EventLog<Seen>()
        let address = try await listen(group, server)
        try await group.connect(to: address, client) { _, recorder in
            recorder.onConnected = { connection in
                for letter in ["a", "b", "c", "d"] { connection.write(letter.bytes.rawSpan) }
                connection.finishOutput()
            }
        }
        _ = try await server.waitForEnd()
        #expect(server.events.contains(.received("abcd")))
    }

    @Test("a loop has one look for all of them, however many there are")
    func oneLook() async throws {
        let group = try loops(pace: .milliseconds(50))
        defer { group.shutdown() }
        let server = EventLog<Seen>()
        let client = EventLog<Seen>()
        let address = try await listen(group, server)
        let count = 600
        for number in 0..<count {
            try await group.connect(to: address, client) { _, recorder in
                recorder.onConnected = { $0.write("\(number) ".bytes.rawSpan) }
            }
        }
        try await server.wait(for: "a word of each") { events in
            events.count { if case .received = $0 { true } else { false } } == count
        }
        let words = Set(server.text.split(separator: " ").compactMap { Int($0) })
        #expect(words == Set(0..<count))
    }

    @Test("one that is no longer paced is told at once, of what came before as well")
    func back() async throws {
        let group = try loops(pace: .seconds(3_600))
        defer { group.shutdown() }
        let server = EventLog<Seen>()
        let client = EventLog<Seen>()
        let address = try await listen(group, server) { _, connection in
            let loop = connection.loop
            // Behind the client's words, which are sent when it hears of its connection.
            _ = loop.arm(after: .milliseconds(200), Unpacing(connection))
        }
        try await group.connect(to: address, client) { _, recorder in
            recorder.onConnected = { $0.write("hello".bytes.rawSpan) }
        }
        try await server.wait(for: .received("hello"))
    }

    @Test("closing one, from either end, leaves nothing behind")
    func closing() async throws {
        let group = try loops(pace: .milliseconds(20))
        defer { group.shutdown() }
        let watched = try await group.onLoop { $0.watchedDescriptors }
        let server = EventLog<Seen>()
        let client = EventLog<Seen>()
        let address = try await listen(group, server) { recorder, _ in recorder.onReceive = { $0.close() } }
        try await group.connect(to: address, client) { _, recorder in recorder.onConnected = { $0.close() } }
        try await group.connect(to: address, client) { _, recorder in
            recorder.onConnected = { $0.write("end".bytes.rawSpan) }
        }
        try await server.wait(for: "both ends") { $0.count(where: \.isEnd) == 2 }
        try await client.wait(for: "both ends") { $0.count(where: \.isEnd) == 2 }
        #expect(try await group.onLoop { $0.watchedDescriptors } == watched + 1)
    }
}

/// Ends the pacing of a connection when its timer fires.
private final class Unpacing: TimerTarget {
    private let connection: TCPConnection

    init(_ connection: TCPConnection) { self.connection = connection }

    func timerFired(_ token: UInt32) { connection.paceReading(false) }
}
