import Media
import RTMP

/// What the RTMP connections of one loop share.
struct RTMPContext {
    let settings: ServerSettings
    let streams: LocalStreams
    let hosts: HostTable
    let meter: RTMPMeter
}
