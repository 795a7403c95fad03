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
    var timeouts = RTMPTimeouts()
}

/// Holds back the lines that a client could write as often as it connects.
final class RTMPNotices {
    var busy = RepeatGate()
    var full = RepeatGate()
    var silent = RepeatGate()
}

/// How long a client of RTMP may take, besides what its virtual host says; it is broken off then.
struct RTMPTimeouts {
    /// From the first byte to the end of `connect`.
    var handshake = Duration.seconds(10)
    /// Without publishing or playing.
    var idle = Duration.seconds(30)
}
