package import Telemetry

/// What is counted of publishers and viewers, declared once.
package struct OriginMetrics: Sendable {
    /// How a stream comes or goes.
    enum Form: String, CaseIterable {
        case rtmp
        case flv
        case webSocketFLV = "ws-flv"
    }

    enum Refusal: String, CaseIterable {
        /// Somebody else publishes the stream.
        case busy
        /// Too many streams.
        case full
        /// A name that no stream may have, or a virtual host that is not served.
        case name
    }

    /// Why the connection of a publisher or player was ended from here.
    enum Cut: String, CaseIterable {
        /// It did not come to publish or play.
        case idle
        /// A publisher that sent no media any more.
        case silent
        /// A publisher that nobody watched, where that is configured.
        case unwatched
        /// A viewer that took nothing.
        case slow
        case malformed
    }

    /// Why a viewer was ended from here.
    enum ViewerCut: String, CaseIterable {
        /// Its connection took nothing for too long, or could not take what there was.
        case slow
        /// It answered no ping, with little waiting for it.
        case silent
        /// No publisher came in time.
        case unpublished
    }

    fileprivate let publishers: GaugeFamily
    fileprivate let viewers: GaugeFamily
    fileprivate let received: CounterFamily
    fileprivate let sent: CounterFamily
    fileprivate let skips: CounterFamily
    fileprivate let viewerCuts: CounterFamily
    fileprivate let refusals: CounterFamily
    fileprivate let cuts: CounterFamily
    fileprivate let faults: CounterFamily

    package init(in registry: MetricsRegistry) {
        let form = MetricLabel("form", Form.self)
        publishers = registry.gauge("sluice_publishers", help: "Streams that are being published.", labels: form)
        viewers = registry.gauge("sluice_viewers", help: "Viewers connected now.", labels: form)
        received = registry.counter(
            "sluice_media_received_bytes_total", help: "Payload that publishers have sent.", labels: form)
        sent = registry.counter(
            "sluice_media_sent_bytes_total", help: "Bytes of renditions given to viewers' connections.", labels: form)
        skips = registry.counter(
            "sluice_viewer_skips_total", help: "Times that a slow viewer went on at a later key frame.", labels: form)
        viewerCuts = registry.counter(
            "sluice_viewer_cuts_total", help: "Viewers that were ended from this side, by reason.",
            labels: form, MetricLabel("reason", ViewerCut.self))
        refusals = registry.counter(
            "sluice_publish_refusals_total", help: "Publishers that were refused, by reason.",
            labels: MetricLabel("reason", Refusal.self))
        cuts = registry.counter(
            "sluice_rtmp_cuts_total", help: "RTMP connections that were ended from this side, by reason.",
            labels: MetricLabel("reason", Cut.self))
        faults = registry.counter(
            "sluice_media_faults_total", help: "Messages of publishers that were not passed on.",
            labels: MetricLabel("fault", values: ["malformed", "tracks"]))
    }
}

/// What one loop counts of viewers of one form.
struct ViewerMeter {
    private let viewers: Gauge
    private let bytes: Counter
    private let skips: Counter
    private let cuts: CounterFamily
    private let form: OriginMetrics.Form
    private let shard: MetricsShard

    init(_ metrics: OriginMetrics, _ form: OriginMetrics.Form, shard: MetricsShard) {
        viewers = metrics.viewers.on(shard, form.rawValue)
        bytes = metrics.sent.on(shard, form.rawValue)
        skips = metrics.skips.on(shard, form.rawValue)
        cuts = metrics.viewerCuts
        self.form = form
        self.shard = shard
    }

    func began() { viewers.add() }
    func sent(_ count: Int) { bytes.add(UInt64(count)) }
    func ended() { viewers.subtract() }
    func skipped(_ times: Int) { skips.add(UInt64(times)) }
    func cut(_ reason: OriginMetrics.ViewerCut) { cuts.on(shard, form.rawValue, reason.rawValue).add() }
}

/// What one loop counts of RTMP.
struct RTMPMeter {
    let publishers: Gauge
    let received: Counter
    let viewers: ViewerMeter
    private let malformed: Counter
    private let refusedTracks: Counter
    private let refusals: CounterFamily
    private let cuts: CounterFamily
    private let shard: MetricsShard

    init(_ metrics: OriginMetrics, shard: MetricsShard) {
        let form = OriginMetrics.Form.rtmp
        publishers = metrics.publishers.on(shard, form.rawValue)
        received = metrics.received.on(shard, form.rawValue)
        viewers = ViewerMeter(metrics, form, shard: shard)
        malformed = metrics.faults.on(shard, "malformed")
        refusedTracks = metrics.faults.on(shard, "tracks")
        refusals = metrics.refusals
        cuts = metrics.cuts
        self.shard = shard
    }

    func refused(_ reason: OriginMetrics.Refusal) { refusals.on(shard, reason.rawValue).add() }
    func cut(_ reason: OriginMetrics.Cut) { cuts.on(shard, reason.rawValue).add() }

    /// A publisher has gone.
    func add(_ faults: Publication.Faults) {
        malformed.add(faults.malformed)
        refusedTracks.add(faults.refused)
    }
}
