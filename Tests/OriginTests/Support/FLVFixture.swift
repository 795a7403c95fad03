import Bytes
import HTTP
import HTTPTransport
import Media
import Reactor
import Telemetry
import TestKit

@testable import Origin

/// Streams by HTTP on one loop, and a publisher there.
final class FLVFixture: Sendable {
    /// What only its loop may touch.
    private final class Confined: @unchecked Sendable {
        // Safe: touched in closures that run on the loop, and nowhere else.
        let stage: Stage
        var pictures: UInt32 = 0

        init(_ stage: Stage) { self.stage = stage }
    }

    let table = StreamTable()
    let places = ConnectionPlaces(maximum: 10)
    private let group: LoopGroup
    private let registry = MetricsRegistry(shards: 1)
    private let confined: Confined
    private let port: UInt16

    init(writeTimeout: Duration = .seconds(30)) async throws {
        group = try LoopGroup(count: 1)
        let (table, places, metrics) = (self.table, self.places, OriginMetrics(in: registry))
        (confined, port) = try await group.onLoop { loop in
            let shard = MetricsShard(0)
            let stage = Stage(loop, table: table)
            let flv = FLVRoutes(
                streams: stage.streams, hosts: HostTable(), http: ViewerMeter(metrics, .flv, shard: shard),
                webSocket: ViewerMeter(metrics, .webSocketFLV, shard: shard), notices: ViewerNotices(.silent))
            var router = Router()
            router.add(.get, "/*path", "streams") { request, exchange in _ = flv.answer(request, exchange) }
            var options = HTTPServerOptions()
            options.places = places
            options.writeTimeout = writeTimeout
            let server = HTTPServer(on: loop, router: router, options: options)
            return (Confined(stage), try server.listen(on: .loopback(port: 0)).port)
        }
    }

    func stop() { group.shutdown() }

    /// A connection that has asked for the stream.
    func viewer(_ form: OriginMetrics.Form, _ fields: String = "") throws -> LoopbackSocket {
        let socket = try LoopbackSocket(port: port)
        var request = "GET /live/a.flv HTTP/1.1\r\nHost: a\r\n" + fields
        if form == .webSocketFLV {
            request += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            request += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        }
        try socket.send(Array((request + "\r\n").utf8))
        return socket
    }

    func publish() async throws {
        try await onLoop { _ = $0.stage.publish() }
    }

    /// A megabyte, in key frames.
    func sendPictures() async throws {
        let body = SharedBytes([0x17, 1, 0, 0, 0] + [UInt8](repeating: 7, count: 64 << 10))
        try await onLoop { confined in
            for _ in 0..<16 {
                confined.stage.video(body, at: confined.pictures * 40)
                confined.pictures += 1
            }
            confined.stage.flush()
        }
        // The socket's turn.
        try await group.loops[0].run { actor in await actor.pause(for: .milliseconds(2)) }.value
    }

    private func onLoop(_ body: @escaping @Sendable (Confined) -> Void) async throws {
        let confined = self.confined
        try await group.onLoop { _ in body(confined) }
    }

    // MARK: - What is counted

    func viewers(_ form: OriginMetrics.Form) -> Double? { metric("sluice_viewers{form=\"\(form.rawValue)\"}") }

    /// Those that are not zero.
    func cuts(_ form: OriginMetrics.Form) -> [OriginMetrics.ViewerCut: Double] {
        var cuts: [OriginMetrics.ViewerCut: Double] = [:]
        for reason in OriginMetrics.ViewerCut.allCases {
            let name = "sluice_viewer_cuts_total{form=\"\(form.rawValue)\",reason=\"\(reason.rawValue)\"}"
            if let value = metric(name), value > 0 { cuts[reason] = value }
        }
        return cuts
    }

    /// The value of a metric: `name{label="value"}`.
    private func metric(_ name: String) -> Double? {
        let lines = String(copying: registry.exposition().bytes).split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }?.split(separator: " ").last.flatMap { Double($0) }
    }
}
