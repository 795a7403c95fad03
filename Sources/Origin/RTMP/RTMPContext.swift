import Media
import RTMP
import Telemetry

/// What the RTMP connections of one loop share.
struct RTMPContext {
    let settings: ServerSettings
    let streams: LocalStreams
    let hosts: HostTable
    let meter: RTMPMeter
    let notices = RTMPNotices()
}

/// Holds back the lines that a client could write as often as it connects.
final class RTMPNotices {
    var busy = RepeatGate()
    var full = RepeatGate()
    var silent = RepeatGate()
}
