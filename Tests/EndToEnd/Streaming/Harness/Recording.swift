import TestKit

/// What ffmpeg's `framemd5` says of a stream: every frame with its time and the hash of its bytes.
struct Recording: Sendable {
    struct Frame: Sendable, Equatable {
        let decodingTime: Int
        let presentationTime: Int
        let hash: String
    }

    struct Track: Sendable {
        var codec = ""
        /// Of the codec's configuration.
        var configuration = ""
        var frames: [Frame] = []
    }

    private(set) var tracks: [String: Track] = [:]

    init(_ lines: [String]) {
        var kinds: [String: String] = [:]
        for line in lines {
            let words = line.split(whereSeparator: { " ,:\n".contains($0) }).map(String.init)
            guard words.count >= 3 else { continue }
            switch words[0] {
            case "#media_type": kinds[words[1]] = words[2]
            case "#codec_id": tracks[kinds[words[1]] ?? "", default: Track()].codec = words[2]
            default:
                // A configuration comes before the kinds, and stands under its number until they are known.
                if words[0] == "#extradata" {
                    kinds["extradata" + words[1]] = words[3]
                } else if words.count >= 6, let kind = kinds[words[0]], let time = Int(words[1]),
                    let shown = Int(words[2])
                {
                    tracks[kind, default: Track()].frames.append(
                        Frame(decodingTime: time, presentationTime: shown, hash: words[5]))
                }
            }
        }
        for (number, kind) in kinds where tracks[kind] != nil {
            tracks[kind]?.configuration = kinds["extradata" + number] ?? ""
        }
    }

    /// Adds the tracks of another.
    mutating func add(_ other: Recording) { tracks.merge(other.tracks) { _, new in new } }

    var kinds: [String] { tracks.keys.sorted() }

    func hashes(_ kind: String) -> [String] { tracks[kind]?.frames.map(\.hash) ?? [] }

    func codec(_ kind: String) -> String? { tracks[kind]?.codec }

    /// What hinders this from being the end of what was sent, whole and in order, with its times moved by one amount.
    func differences(from sent: Recording) -> [String] {
        var found: [String] = kinds == sent.kinds ? [] : ["\(kinds) and not \(sent.kinds)"]
        var shifts: Set<Int> = []
        for (kind, track) in tracks {
            guard let original = sent.tracks[kind] else { continue }
            let expected = original.frames.suffix(track.frames.count)
            if track.codec != original.codec { found.append("\(kind) is \(track.codec)") }
            if track.configuration != original.configuration { found.append("\(kind) has another configuration") }
            if track.frames.map(\.hash) != expected.map(\.hash) {
                found.append("\(kind): \(track.frames.count) frames are not the last of \(original.frames.count)")
            }
            let times = track.frames.map(\.decodingTime)
            if zip(times, times.dropFirst()).contains(where: { $0 >= $1 }) { found.append("\(kind) goes back in time") }
            for (frame, sent) in zip(track.frames, expected) {
                shifts.insert(frame.decodingTime - sent.decodingTime)
                if frame.presentationTime - frame.decodingTime != sent.presentationTime - sent.decodingTime {
                    found.append("\(kind) at \(frame.decodingTime) is shown at another time")
                }
            }
        }
        if shifts.count > 1 { found.append("times are moved by \(shifts.sorted())") }
        return found
    }
}
