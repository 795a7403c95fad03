import Bytes
package import Registry
import Telemetry
package import TestKit

/// What must always hold of a body that may be a heartbeat: what is taken stays within its bounds, and is the same once
/// it is written and read again.
package func checkHeartbeat(_ input: [UInt8]) throws(BrokenInvariant) {
    guard let heartbeat = try? Heartbeat(json: SharedBytes(input)) else { return }
    let limits = HeartbeatLimits()
    let lists = OriginService.allCases.map { heartbeat.endpoints[$0] }
    let texts = [
        heartbeat.server.text, heartbeat.instance.service, heartbeat.instance.process, heartbeat.device ?? "-",
    ]
    try require(
        !heartbeat.endpoints.rtmp.isEmpty && lists.allSatisfy { $0.count <= limits.maximumEndpoints }
            && lists.joined().allSatisfy { $0.port > 0 }
            && texts.allSatisfy { (1...limits.maximumText).contains($0.utf8.count) },
        "out of bounds: \(heartbeat)")
    try require(
        heartbeat.labels.count <= limits.maximumLabels
            && heartbeat.labels.allSatisfy { max($0.key.utf8.count, $0.value.utf8.count) <= limits.maximumLabel }
            && (heartbeat.zone?.text.utf8.count ?? 1) <= limits.maximumText,
        "labels out of bounds: \(heartbeat)")
    let load = heartbeat.load
    try require(
        (load.connections ?? 0) >= 0 && (0...100).contains(load.processorPercent ?? 0), "no load: \(heartbeat)")
    try checkWriting(heartbeat)
}

/// What an origin writes of itself is what a proxy reads.
package func checkWriting(_ heartbeat: Heartbeat) throws(BrokenInvariant) {
    var expected = heartbeat
    var summaries: HeartbeatSummaries?
    if heartbeat.load != OriginLoad() {
        // Summaries tell both.
        expected.load = OriginLoad(
            connections: heartbeat.load.connections ?? 0, processorPercent: heartbeat.load.processorPercent ?? 0)
        summaries = HeartbeatSummaries(time: WallTime(milliseconds: 1))
        summaries?.service.connections = heartbeat.load.connections ?? 0
        summaries?.system.processorShare = Double(heartbeat.load.processorPercent ?? 0) / 100
    }
    let written = heartbeat.json(summaries)
    let again: Heartbeat
    do {
        again = try Heartbeat(json: written)
    } catch {
        throw BrokenInvariant("\(String(copying: written.bytes)) is refused: \(error)")
    }
    try require(again == expected, "written \(expected), read \(again)")
}
