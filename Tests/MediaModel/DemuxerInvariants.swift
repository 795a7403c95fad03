import Bytes
import Media
package import Muxing
package import TestKit

/// What a demuxer said of its input.
package struct FLVTranscript: Equatable {
    package var header: FLVFileHeader?
    package var tags: [FLVTag] = []
    package var error: FLVError?
    package var isBetweenTags = false
    package var unknownTags = 0
}

/// Feeds `pieces` to a demuxer, one after the other.
package func demux(_ pieces: [[UInt8]], limits: FLVDemuxer.Limits = FLVDemuxer.Limits()) -> FLVTranscript {
    var demuxer = FLVDemuxer(limits: limits)
    var transcript = FLVTranscript()
    feeding: for piece in pieces {
        var rest = piece
        while true {
            let step: FLVDemuxer.Step
            do throws(FLVError) {
                step = try demuxer.demux(rest.rawSpan)
            } catch {
                transcript.error = error
                break feeding
            }
            rest.removeFirst(step.consumed)
            switch step.event {
            case .needsInput:
                precondition(rest.isEmpty, "a demuxer that takes not all of its input")
                continue feeding
            case .header(let header): transcript.header = header
            case .tag(let tag): transcript.tags.append(tag)
            }
        }
    }
    transcript.isBetweenTags = demuxer.isBetweenTags
    transcript.unknownTags = demuxer.unknownTags
    return transcript
}

/// `tags` as an FLV stream.
package func mux(_ tags: [FLVTag], _ header: FLVFileHeader = FLVFileHeader(hasAudio: true, hasVideo: true)) -> [UInt8] {
    var output = ByteWriter()
    header.append(to: &output)
    for tag in tags {
        guard let head = FLVTagHeader(tag.kind, bodyBytes: tag.body.count, timestamp: tag.timestamp) else { continue }
        head.append(to: &output)
        output.append(tag.body)
        head.appendTrailer(to: &output)
    }
    return Array(copying: output.bytes)
}

/// However the input is cut the demuxer says the same; what it says, written and read again, is the same too.
package func checkDemuxer(_ bytes: [UInt8]) throws(BrokenInvariant) {
    let limits = FLVDemuxer.Limits(maximumTagBytes: 4096, maximumHeaderBytes: 64)
    let whole = demux([bytes], limits: limits)
    var generator = SplitMix(seed: bytes.reduce(7) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
    for pieces in [bytes.map { [$0] }, bytes.pieces(largest: 9, using: &generator)] {
        let other = demux(pieces, limits: limits)
        try require(other == whole, "cut into \(pieces.map(\.count)): \(other), whole: \(whole)")
    }
    for tag in whole.tags {
        try require(tag.body.count <= limits.maximumTagBytes, "a tag beyond the bound")
        try checkTagBody(tag.body.array, tag.kind)
    }
    guard let header = whole.header else { return }
    let again = demux([mux(whole.tags, header)], limits: limits)
    try require(again.tags == whole.tags && again.header == header, "written and read: \(again), was: \(whole)")
    try require(again.isBetweenTags && again.error == nil, "what was written does not end well")
}
