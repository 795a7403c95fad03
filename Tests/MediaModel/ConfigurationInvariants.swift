import Bytes
import Media
package import TestKit

/// Whatever reads as a configuration gives facts that a track can have.
package func checkConfigurations(_ bytes: [UInt8]) throws(BrokenInvariant) {
    let record = SharedBytes(bytes)
    for codec in Codec.allCases {
        for content in [Frame.Content.configuration, .coded] {
            let facts: TrackFacts?
            do throws(ConfigurationError) {
                facts = try TrackFacts(Frame(codec, content, payload: record, time: .zero))
            } catch {
                try check(error)
                continue
            }
            switch facts {
            case .video(let facts):
                try require(facts.codec == codec, "\(codec) read as \(facts.codec)")
                try check(facts)
            case .audio(let facts):
                try require(facts.codec == codec, "\(codec) read as \(facts.codec)")
                try require((1...0xFF_FFFF).contains(facts.sampleRate), "\(facts.sampleRate) Hz")
                try require((0...255).contains(facts.channels), "\(facts.channels) channels")
                try require((4...32).contains(facts.bitDepth ?? 16) || codec == .flac, "\(facts)")
            case nil: break
            }
        }
    }
    if let avc = try? AVCConfiguration(record) {
        let sets = avc.sequenceParameterSets.count + avc.pictureParameterSets.count
        try require(sets <= ConfigurationLimits().maximumParameterSets, "\(sets) parameter sets")
        try require([1, 2, 4].contains(avc.lengthSize), "lengths of \(avc.lengthSize) bytes")
    }
    if let hevc = try? HEVCConfiguration(record) {
        try require(hevc.units.count <= ConfigurationLimits().maximumParameterSets, "\(hevc.units.count) units")
        try require([1, 2, 4].contains(hevc.lengthSize), "lengths of \(hevc.lengthSize) bytes")
    }
}

private func check(_ facts: VideoFacts) throws(BrokenInvariant) {
    if let size = facts.size {
        try require((1...131_072).contains(size.width) && (1...131_072).contains(size.height), "\(size)")
    }
    try require((8...16).contains(facts.bitDepth ?? 8), "\(facts.bitDepth ?? 0) bits")
    try require(facts.profile?.isEmpty == false && facts.level?.isEmpty != true, "no name: \(facts)")
    if let rate = facts.frameRate { try require(rate.framesPerSecond > 0, "\(rate)") }
}

private func check(_ error: ConfigurationError) throws(BrokenInvariant) {
    guard case .truncated(let bit, let needed, let available) = error else { return }
    try require(bit >= 0 && needed > available, "\(error) was not truncated")
}
