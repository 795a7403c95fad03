import Bytes
import Media
package import TestKit

/// Whatever a publisher sends, each track's time runs forward, never before the start, and by no more than it may.
///
/// Six bytes are one frame: which track, how to read the number, the number.
package func checkTimestamps(_ bytes: [UInt8]) throws(BrokenInvariant) {
    let start = MediaTime(milliseconds: 5000)
    var corrector = TimestampCorrector(policy: TimestampCorrector.Policy(maximumTracks: 4), start: start)
    var last: [UInt8: MediaTime] = [:]
    var previousWire: UInt32 = 0
    var position = 0
    while position + 6 <= bytes.count {
        let track = bytes[position] & 7
        let kind: MediaKind = track & 1 == 0 ? .video : .audio
        var wire = bytes[(position + 2)..<(position + 6)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        // Small steps from the frame before, so that not every frame is a jump.
        if bytes[position + 1] & 1 == 1 { wire = previousWire &+ wire % 6000 &- 1000 }
        if let placed = corrector.place(wire: wire, kind, track: track) {
            try require(placed >= last[track] ?? start, "placed at \(placed) behind \(last[track] ?? start)")
            try require(placed <= corrector.head, "placed ahead of the media")
            last[track] = placed
        }
        let head = corrector.head
        if let output = corrector.correct(wire: wire, kind, track: track) {
            try require(output >= last[track] ?? start, "\(output) behind \(last[track] ?? start)")
            try require(output - head <= 5000, "from \(head) to \(output)")
            try require(corrector.head >= output, "the head is behind")
            last[track] = output
        } else {
            try require(last.count == 4 && last[track] == nil, "a frame refused")
        }
        previousWire = wire
        position += 6
    }
}
