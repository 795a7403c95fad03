import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("EventLoop: the end")
struct EventLoopEndTests {
    @Test("a loop that ends tells each source once, those that are registered meanwhile too, and runs what that begins")
    func sources() async throws {
        let group = try LoopGroup(count: 1)
        let log = EventLog<String>()
        try await group.onLoop { loop in
            var ends: [CInt] = [0, 0]
            #expect(pipe(&ends) == 0)
            try loop.register(ends[0], EndProbe("first", loop, ends[0], log, successor: ends[1]))
            let gone = EndProbe("gone", loop, ends[1], log)
            try loop.register(ends[1], gone)
            loop.deregister(ends[1], closing: false)
        }
        let task = group.loops[0].run { actor in
            await actor.wait(for: { loop, finished in
                _ = loop.callback(ended: { finished("told") }) { (_: Int) in finished("called") }
                return {}
            })
        }
        try await group.onLoop { _ in }
        group.shutdown()
        #expect(log.events == ["first", "successor", "first's deferred work", "successor's deferred work"])
        #expect(try await task.value == "told")
    }

    @Test("what goes with its timer, its descriptor or its callback may use the loop for a last time")
    func lastReference() async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        try await group.onLoop { loop in
            var ends: [CInt] = [0, 0]
            #expect(pipe(&ends) == 0)
            defer { for end in ends { close(end) } }
            var count = 0
            func last() -> LastWords {
                LastWords {
                    loop.cancel(loop.arm(after: .seconds(1), LastWords {}))
                    loop.forget(loop.callback { (_: Void) in })
                    count += loop.watchedDescriptors + 1
                }
            }
            loop.cancel(loop.arm(after: .seconds(1), last()))
            try loop.register(ends[0], last())
            loop.deregister(ends[0], closing: false)
            loop.forget(loop.callback { [held = last()] (_: Void) in _ = held })
            #expect(count == 3)
        }
    }

    @Test("a task that pauses goes on when its loop ends")
    func pause() async throws {
        let group = try LoopGroup(count: 1)
        let log = EventLog<String>()
        let task = group.loops[0].run { actor in
            log.append("pauses")
            await actor.pause(for: .seconds(3_600))
            log.append("goes on")
        }
        try await log.wait(for: "pauses")
        group.shutdown()
        try await log.wait(for: "goes on")
        try await task.value
    }

    @Test("connections and listeners are closed with their loop, and their handlers told")
    func connections() async throws {
        let group = try LoopGroup(count: 1)
        let (server, client) = (EventLog<Seen>(), EventLog<Seen>())
        let address = try await group.listen(server)
        try await group.connect(to: address, client)
        try await client.wait(for: .connected)
        try await server.wait(count: 1)
        let loop = group.loops[0]
        group.shutdown()
        #expect(client.events.last == .closed(.shutdown))
        #expect(server.events.last == .closed(.shutdown))
        // The port is free: nobody listens on it any more.
        let socket = try Socket(family: AF_INET, type: SOCK_STREAM)
        defer { socket.close() }
        #expect(address.withSystemAddress { connect(socket.descriptor, $0, $1) } < 0)
        var wait = pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)
        #expect(poll(&wait, 1, 10_000) == 1)
        #expect(socket.takeError() == ECONNREFUSED)
        _ = loop
    }
}

private final class EndProbe: EventSource {
    private let name: String
    private let loop: EventLoop
    private let descriptor: CInt
    private let log: EventLog<String>
    private let successor: CInt?

    init(_ name: String, _ loop: EventLoop, _ descriptor: CInt, _ log: EventLog<String>, successor: CInt? = nil) {
        (self.name, self.loop, self.descriptor, self.log) = (name, loop, descriptor, log)
        self.successor = successor
    }

    func ready(_ readiness: Readiness) {}

    func loopEnded() {
        log.append(name)
        loop.deregister(descriptor, closing: true)
        close(descriptor)
        if let successor { try? loop.register(successor, EndProbe("successor", loop, successor, log)) }
        loop.afterRound { self.log.append("\(self.name)'s deferred work") }
    }
}

/// Does something when nobody holds it any more.
private final class LastWords: TimerTarget, EventSource {
    private let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }

    deinit { body() }

    func timerFired(_ token: UInt32) {}
    func ready(_ readiness: Readiness) {}
}
