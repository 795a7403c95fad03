import Glibc
import HTTP
import HTTPTransport
import LoopKit
import Media
import Reactor
import Telemetry
import TestKit
import Testing

@testable import Origin

@Suite("Viewers of HTTP-FLV", .ownThread)
struct FLVSessionTests {
    @Test("one that goes away while it waits for a publisher frees its place at once", arguments: [true, false])
    func leaving(inGoodOrder: Bool) async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let table = StreamTable()
        let places = ConnectionPlaces(maximum: 10)
        let port = try await group.onLoop { loop in
            let metrics = OriginMetrics(in: MetricsRegistry(shards: 1))
            let shard = MetricsShard(0)
            let flv = FLVRoutes(
                streams: LocalStreams(table, on: loop), hosts: HostTable(),
                http: ViewerMeter(metrics, .flv, shard: shard),
                webSocket: ViewerMeter(metrics, .webSocketFLV, shard: shard)
            )
            var router = Router()
            router.add(.get, "/*path", "streams") { request, exchange in _ = flv.answer(request, exchange) }
            var options = HTTPServerOptions()
            options.places = places
            let server = HTTPServer(on: loop, router: router, options: options)
            return try server.listen(on: .loopback(port: 0)).port
        }
        let viewer = try LoopbackSocket(port: port)
        try viewer.send(Array("GET /live/a.flv HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(await eventually { table.streamCount == 1 && places.count == 1 })
        let began = ContinuousClock.now
        if inGoodOrder { viewer.finish() } else { viewer.reset() }
        #expect(await eventually { table.streamCount == 0 && places.count == 0 })
        #expect(ContinuousClock.now - began < FLVSession.publisherWait / 2)
    }
}
