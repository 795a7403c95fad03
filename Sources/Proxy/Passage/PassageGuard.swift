import HTTP
import Media
import RTMP
import Reactor
import Registry
import Telemetry

/// What sessions come by.
enum PassageProtocol: String, CaseIterable { case rtmp, http, api }

/// What is counted of sessions that are not passed on.
struct PassageMetrics: Sendable {
    fileprivate let refused: CounterFamily

    init(in registry: MetricsRegistry) {
        refused = registry.counter(
            "sluice_passages_refused_total",
            help: "Sessions that were not passed on for the proxies that they had come through.",
            labels: MetricLabel("protocol", PassageProtocol.self), MetricLabel("reason", PassageFault.self))
    }
}

/// Looks, on one loop, at the proxies that sessions have come through; what goes in a circle is counted, and told once
/// a second at most.
final class PassageGuard {
    let mark: PassageMark
    private let loop: EventLoop
    private let log: Logger
    private let metrics: PassageMetrics
    private let shard: MetricsShard
    private var circles = RepeatGate()
    private var lengths = RepeatGate()
    private var origins = RepeatGate()
    /// Characters of names that others have given.
    private static let maximumShown = 256

    init(_ mark: PassageMark, on loop: EventLoop, log: Logger, _ metrics: PassageMetrics, shard: MetricsShard) {
        self.mark = mark
        self.loop = loop
        self.log = log
        self.metrics = metrics
        self.shard = shard
    }

    /// What an origin is asked in place of `request`.
    func onward(_ request: ConnectRequest, from peer: SocketAddress?) throws(PassageFault) -> ConnectRequest {
        var names: [String] = []
        do throws(PassageFault) {
            names = try request.passage()
            try mark.check(names)
        } catch {
            refused(error, .rtmp, from: peer, through: names)
            throw error
        }
        return request.passed(on: mark, behind: names)
    }

    /// Whether what has come with these fields may be passed on.
    func check(
        _ fields: borrowing Fields, _ kind: PassageProtocol, from peer: SocketAddress?
    ) throws(PassageFault) {
        let names = PassageMark.names(in: fields)
        do throws(PassageFault) {
            try mark.check(names)
        } catch {
            refused(error, kind, from: peer, through: names)
            throw error
        }
    }

    private func refused(
        _ fault: PassageFault, _ kind: PassageProtocol, from peer: SocketAddress?, through names: [String]
    ) {
        metrics.refused.on(shard, kind.rawValue, fault.rawValue).add()
        let line = log.with(["protocol": kind.rawValue, "peer": peer?.description ?? ""])
        let through = String(names.joined(separator: ",").prefix(Self.maximumShown))
        switch fault {
        case .circle:
            line.warning(
                "a session has come back to this proxy", every: &circles, at: loop.now, ["through": through])
        case .length:
            line.warning(
                "a session has come through too many proxies", every: &lengths, at: loop.now, ["through": through])
        }
    }

    /// An origin has refused a session for the proxies that it had come through: this is the one to look after.
    func leadsBack(_ origin: Origin, _ stream: StreamKey) {
        log.warning(
            "an origin leads back to a proxy", every: &origins, at: loop.now,
            ["origin": origin.id.text, "host": origin.host.description, "stream": stream.description])
    }
}
