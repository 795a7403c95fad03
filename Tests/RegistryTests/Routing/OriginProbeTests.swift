import Bytes
import HTTP
import HTTPTransport
import Reactor
import Registry
import Testing

@Suite("OriginProbe", .timeLimit(.minutes(1)))
struct OriginProbeTests {
    private enum Peer: Sendable { case answersRTMP, answersHTTP, keepsSilent, hangsUp, refuses }

    /// Starts `peer` on `loop` and returns its port.
    private static func start(_ peer: Peer, on loop: EventLoop) throws -> UInt16 {
        if peer == .answersHTTP {
            // Any answer will do, be it that there is no such path.
            return try HTTPServer(on: loop, router: Router()).listen(on: .loopback(port: 0)).port
        }
        let listener = try TCPListener(
            .loopback(port: 0), on: loop, options: TCPOptions(), acceptor: Acceptor(peer))
        if peer == .refuses { listener.close() }
        return listener.address.port
    }

    private final class Acceptor: TCPAcceptor {
        let peer: Peer
        init(_ peer: Peer) { self.peer = peer }
        func accepted(_ connection: TCPConnection, from address: SocketAddress) -> (any TCPHandler)? { Server(peer) }
    }

    private final class Server: TCPHandler {
        let peer: Peer
        var count = 0
        init(_ peer: Peer) { self.peer = peer }

        func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {}

        func received(_ bytes: RawSpan, on connection: TCPConnection) {
            let isFirst = count == 0
            count += bytes.byteCount
            switch peer {
            case .answersRTMP:
                if isFirst, bytes[0] != 3 { return connection.abort() }
                if count == 1_537 { connection.write(SharedBytes([3])) }
            case .hangsUp: connection.close()
            case .keepsSilent, .answersHTTP, .refuses: break
            }
        }
    }

    @Test(
        "an origin that answers is back, and one that is not there, hangs up or stands still is not",
        arguments: [
            (.answersRTMP, .rtmp, true), (.answersHTTP, .http, true), (.answersHTTP, .api, true),
            (.keepsSilent, .rtmp, false), (.keepsSilent, .http, false), (.hangsUp, .rtmp, false),
            (.refuses, .rtmp, false), (.answersRTMP, .http, false),
        ] as [(Peer, OriginService, Bool)])
    private func outcome(peer: Peer, service: OriginService, isBack: Bool) async throws {
        try await withLoops(1) { group in
            try await group.on { actor in
                let store = MemoryRegistry()
                var heartbeat = Samples.heartbeat("a", host: "127.0.0.1")
                heartbeat.endpoints[service] = [Endpoint(port: try Self.start(peer, on: actor.loop))]
                store.fix(heartbeat, at: actor.loop.now)
                var pauses = OriginHealth.Pauses()
                pauses.first = .milliseconds(20)
                pauses.longest = .milliseconds(20)
                let routing = StreamRouting(store, pauses: pauses)
                var limits = OriginProbe.Limits()
                limits.timeout = .milliseconds(isBack ? 10_000 : 100)
                let probe = OriginProbe(routing, on: actor.loop, resolver: try Resolver(), limits: limits)
                routing.failed(OriginID("a"), service, .refused, at: actor.loop.now)
                let deadline = actor.loop.now + .milliseconds(isBack ? 20_000 : 700)
                while actor.loop.now < deadline, !routing.failingServices(of: OriginID("a")).isEmpty {
                    probe.probe()
                    await actor.pause(for: .milliseconds(5))
                }
                #expect(routing.failingServices(of: OriginID("a")) == (isBack ? [] : [service]))
            }
        }
    }

    @Test(
        "an origin is back where the last of its endpoints answers", arguments: [Peer.refuses, .keepsSilent, .hangsUp])
    private func endpoints(first: Peer) async throws {
        try await withLoops(1) { group in
            try await group.on { actor in
                let store = MemoryRegistry()
                var heartbeat = Samples.heartbeat("a", host: "127.0.0.1")
                heartbeat.endpoints.rtmp = try [first, first, .answersRTMP].map {
                    Endpoint(port: try Self.start($0, on: actor.loop))
                }
                store.fix(heartbeat, at: actor.loop.now)
                var pauses = OriginHealth.Pauses()
                pauses.first = .milliseconds(20)
                let routing = StreamRouting(store, pauses: pauses)
                var limits = OriginProbe.Limits()
                limits.timeout = .milliseconds(900)
                let probe = OriginProbe(routing, on: actor.loop, resolver: try Resolver(), limits: limits)
                routing.failed(OriginID("a"), .rtmp, .refused, at: actor.loop.now)
                let deadline = actor.loop.now + .seconds(20)
                while actor.loop.now < deadline, !routing.failingServices(of: OriginID("a")).isEmpty {
                    probe.probe()
                    await actor.pause(for: .milliseconds(5))
                }
                #expect(routing.failingServices(of: OriginID("a")) == [])
            }
        }
    }

    @Test(
        "one that is only doubted is told of where the probe shows that it is out, and why it is",
        arguments: [
            // On a busy machine its time is up before the connection is there.
            (.keepsSilent, 50, [.silent, .slowConnection]), (.hangsUp, 20_000, [.closed]),
            (.refuses, 20_000, [.refused]),
        ] as [(Peer, Int, [ServiceFault])])
    private func doubted(peer: Peer, timeout: Int, faults: [ServiceFault]) async throws {
        try await withLoops(1) { group in
            try await group.on { actor in
                let store = MemoryRegistry()
                var heartbeat = Samples.heartbeat("a", host: "127.0.0.1")
                heartbeat.endpoints.http = [Endpoint(port: try Self.start(peer, on: actor.loop))]
                store.fix(heartbeat, at: actor.loop.now)
                let routing = StreamRouting(store)
                var limits = OriginProbe.Limits()
                limits.timeout = .milliseconds(timeout)
                var out: [OriginTrial] = []
                let probe = OriginProbe(routing, on: actor.loop, resolver: try Resolver(), limits: limits) {
                    out.append($0)
                }
                probe.probe()
                routing.doubted(OriginID("a"), .http)
                let deadline = actor.loop.now + .seconds(20)
                while actor.loop.now < deadline, out.isEmpty {
                    probe.probe()
                    await actor.pause(for: .milliseconds(5))
                }
                #expect(out.map(\.origin) == [OriginID("a")] && out.map(\.service) == [.http])
                #expect(routing.failingServices(of: OriginID("a")) == [.http])
                let fault = try #require(routing.failures(of: OriginID("a")).first?.failure.fault)
                #expect(faults.contains(fault))
            }
        }
    }

    @Test("what is due is given to one, no more at once than may be, and never over UDP or of origins that are gone")
    func trials() throws {
        let store = MemoryRegistry()
        for index in 0..<10 { _ = try store.beat(Samples.heartbeat("o\(index)"), at: Samples.at(0)) }
        let routing = StreamRouting(store)
        for index in 0..<10 { routing.failed(OriginID("o\(index)"), .rtmp, .refused, at: Samples.at(0)) }
        routing.failed(OriginID("o0"), .srt, .refused, at: Samples.at(0))
        routing.failed(OriginID("nobody"), .rtmp, .refused, at: Samples.at(0))
        let services: [OriginService] = [.rtmp, .http, .api]
        #expect(routing.takeTrials(of: services, at: Samples.at(0.5), atMost: 100) == [])
        let first = routing.takeTrials(of: services, at: Samples.at(2), atMost: 4)
        let rest = routing.takeTrials(of: services, at: Samples.at(2), atMost: 100)
        #expect(first.count == 4 && rest.count == 6)
        #expect(Set((first + rest).map(\.origin)) == Set((0..<10).map { OriginID("o\($0)") }))
        #expect(routing.takeTrials(of: services, at: Samples.at(2), atMost: 100) == [])
        #expect(routing.takeTrials(of: services, at: Samples.at(20), atMost: -1) == [])
    }
}
