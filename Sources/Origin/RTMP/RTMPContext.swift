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
    var slow = RepeatGate()
}

/// How long things may take with a client of RTMP, besides what its virtual host says.
struct RTMPTimeouts {
    /// From the first byte to the end of `connect`; it is broken off then.
    var handshake = Duration.seconds(10)
    /// Without publishing or playing; it is broken off then.
    var idle = Duration.seconds(30)
    /// What a publisher waits whose stream is taken, before it is refused. The other may have gone: connections that
    /// are read at a pace (`LoopLimits.pacedInterval`) tell of their end that much later, and this is more than twice
    /// as much.
    var busy = Duration.milliseconds(100)
}
