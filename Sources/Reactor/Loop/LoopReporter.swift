import Bytes
package import Telemetry

/// The metrics of all loops, declared once.
package struct LoopMetrics: Sendable {
    let rounds: CounterFamily
    let events: CounterFamily
    let busy: CounterFamily
    let lag: GaugeFamily
    let timers: GaugeFamily
    let mailRefused: CounterFamily
    let connections: CounterFamily
    let connectionsOpen: GaugeFamily
    let bytes: CounterFamily

    /// How a TCP connection began, or did not.
    enum Origin: String, CaseIterable { case accepted, connected, refused }
    enum Direction: String, CaseIterable { case received, sent }

    package init(in registry: MetricsRegistry) {
        rounds = registry.counter("sluice_loop_rounds_total", help: "Rounds of the event loops.")
        events = registry.counter("sluice_loop_events_total", help: "Events taken from the kernel.")
        busy = registry.counter(
            "sluice_loop_busy_seconds_total", help: "Time the loops spent working.", unit: .nanoseconds)
        lag = registry.gauge(
            "sluice_loop_lag_seconds", help: "The longest round of any loop in the last second.", unit: .nanoseconds,
            merge: .maximum)
        timers = registry.gauge("sluice_loop_timers", help: "Timers armed.")
        mailRefused = registry.counter(
            "sluice_loop_mail_refused_total", help: "Messages to a loop refused because its mailbox was full.")
        connections = registry.counter(
            "sluice_tcp_connections_total", help: "TCP connections begun; refused ones found no free descriptor.",
            labels: MetricLabel("origin", Origin.self))
        connectionsOpen = registry.gauge("sluice_tcp_connections_open", help: "TCP connections open now.")
        bytes = registry.counter(
            "sluice_tcp_bytes_total", help: "Bytes over TCP, as the sockets count them.",
            labels: MetricLabel("direction", Direction.self))
    }

    /// Bytes over TCP so far, as of up to a second ago.
    package var bytesReceived: UInt64 { bytes.total(Direction.received.rawValue) }
    package var bytesSent: UInt64 { bytes.total(Direction.sent.rawValue) }
}

/// Shows what its loop has done, once a second: counting itself costs the data path nothing but an addition.
package final class LoopReporter: TimerTarget {
    private let loop: EventLoop
    private var last = LoopStatistics()
    /// The longest round of the second before the last report.
    package private(set) var lastLag = Duration.zero
    private var lastRefusedMail: UInt64 = 0

    private let rounds: Counter
    private let events: Counter
    private let busy: Counter
    private let lag: Gauge
    private let timers: Gauge
    private let mailRefused: Counter
    private let accepted: Counter
    private let connected: Counter
    private let refused: Counter
    private let open: Gauge
    private let received: Counter
    private let sent: Counter

    /// Begins to report; the loop keeps the reporter. `shard` is the loop's own.
    @discardableResult
    package init(_ loop: EventLoop, _ metrics: LoopMetrics, shard: MetricsShard) {
        self.loop = loop
        rounds = metrics.rounds.on(shard)
        events = metrics.events.on(shard)
        busy = metrics.busy.on(shard)
        lag = metrics.lag.on(shard)
        timers = metrics.timers.on(shard)
        mailRefused = metrics.mailRefused.on(shard)
        accepted = metrics.connections.on(shard, LoopMetrics.Origin.accepted.rawValue)
        connected = metrics.connections.on(shard, LoopMetrics.Origin.connected.rawValue)
        refused = metrics.connections.on(shard, LoopMetrics.Origin.refused.rawValue)
        open = metrics.connectionsOpen.on(shard)
        received = metrics.bytes.on(shard, LoopMetrics.Direction.received.rawValue)
        sent = metrics.bytes.on(shard, LoopMetrics.Direction.sent.rawValue)
        report()
    }

    package func timerFired(_ token: UInt32) { report() }

    private func report() {
        let now = loop.statistics
        rounds.add(now.rounds - last.rounds)
        events.add(now.events - last.events)
        busy.add(now.busyNanoseconds - last.busyNanoseconds)
        accepted.add(now.tcpAccepted - last.tcpAccepted)
        connected.add(now.tcpConnected - last.tcpConnected)
        refused.add(now.tcpRefused - last.tcpRefused)
        received.add(now.bytesReceived - last.bytesReceived)
        sent.add(now.bytesSent - last.bytesSent)
        open.set(now.tcpOpen)
        timers.set(loop.armedTimers)
        lastLag = loop.statistics.takeLongestRound()
        lag.set(Int(clamping: lastLag.nanoseconds))
        let refusedMail = loop.handle.refusedMessages
        mailRefused.add(refusedMail - lastRefusedMail)
        lastRefusedMail = refusedMail
        last = now
        _ = loop.arm(after: .seconds(1), self)
    }
}
