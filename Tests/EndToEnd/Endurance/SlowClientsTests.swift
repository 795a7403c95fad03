import Glibc
import TestKit
import Testing

extension Endurance {
    @Suite("slow clients")
    struct SlowClientsTests {
        /// How long a client that behaves waits for its answers.
        private static func latencies(port: UInt16, requests: Int) throws -> [Duration] {
            let peer = try Peer(port: port)
            return try (0..<requests).map { _ in
                let began = ContinuousClock.now
                peer.send(Request.get("/healthz"))
                try #require(peer.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
                return ContinuousClock.now - began
            }.sorted()
        }

        @Test("a thousand that send a byte a second are cut at the head timeout, and others do not notice")
        func slowHeads() async throws {
            try await withProxy { proxy in
                let (port, process) = (proxy.port(.api), proxy.status)
                let descriptors = process.openDescriptors
                let calm = try await onThread { try Self.latencies(port: port, requests: 500) }
                let (during, ended) = try await onThread { () -> ([Duration], [Duration]) in
                    let began = ContinuousClock.now
                    let head = Array("GET /healthz HTTP/1.1\r\nHost: proxy.test\r\n".utf8)
                    let peers = try (0..<1_000).map { try Peer(port: port, source: UInt8(2 + $0 % 100)) }
                    var during: [Duration] = []
                    // Nine seconds of trickling, then silence: the head has ten in all.
                    for second in 0..<9 {
                        for peer in peers { try #require(peer.send([head[second]])) }
                        during += try Self.latencies(port: port, requests: 200)
                        let next = began + .seconds(second + 1)
                        poll(nil, 0, Int32(max(.zero, next - .now) / .milliseconds(1)))
                    }
                    let ended = try peers.map { peer in
                        try #require(peer.answer()?.hasPrefix("HTTP/1.1 408 ") == true)
                        #expect(peer.readToEnd() == ([], .closed))
                        return ContinuousClock.now - began
                    }
                    return (during.sorted(), ended)
                }
                #expect(ended.first! >= .seconds(9) && ended.last! <= .seconds(15))
                let (usual, middle) = (calm[calm.count / 2], during[during.count / 2])
                #expect(middle <= usual * 5 + .milliseconds(20), "\(usual) without them, \(middle) with them")
                try await eventually("end of all connections") { process.openDescriptors == descriptors }
            }
        }

        @Test("those that never read hold back themselves alone, in bounded memory, until the write timeout cuts them")
        func neverRead() async throws {
            try await withProxy { proxy in
                let (port, process) = (proxy.port(.api), proxy.status)
                let descriptors = process.openDescriptors
                let calm = try await onThread { try Self.latencies(port: port, requests: 500) }
                let before = process.residentBytes
                let clients = 20
                let (during, peak, waited) = try await onThread { () -> ([Duration], Int, Duration) in
                    let requests = Array(Request.get("/metrics").utf8)
                    let pipeline = Array(repeating: requests, count: 10_000).flatMap { $0 }
                    let peers = try (0..<clients).map { _ in try Peer(port: port, window: 4_096) }
                    let sent = peers.map { $0.sendNow(pipeline) }
                    let began = ContinuousClock.now
                    let during = try Self.latencies(port: port, requests: 2_000)
                    let peak = process.residentBytes
                    for (peer, sent) in zip(peers, sent) where sent < pipeline.count {
                        #expect(peer.sendNow(Array(pipeline[sent...])) < pipeline.count - sent, "it is held back")
                    }
                    #expect(eventually(within: .seconds(50)) { process.openDescriptors == descriptors })
                    let waited = ContinuousClock.now - began
                    for peer in peers { #expect(peer.readToEnd().end != .stillOpen) }
                    return (during, peak, waited)
                }
                #expect(peak - before <= clients * 1024 * 1024, "\((peak - before) / clients / 1024) KB each")
                // Not even at the beginning, when there is room for thousands of answers.
                #expect(during[during.count * 99 / 100] <= .milliseconds(500) && during.last! <= .seconds(5))
                #expect(waited >= .seconds(25), "it waits for slow ones")
                let (usual, middle) = (calm[calm.count / 2], during[during.count / 2])
                #expect(middle <= usual * 5 + .milliseconds(20), "\(usual) without them, \(middle) with them")
                let open = try await MetricsPage(of: proxy).value(#"sluice_http_connections_open{server="api"}"#)
                #expect(open == 0)
            }
        }
    }
}
