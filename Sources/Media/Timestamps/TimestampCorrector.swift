/// Turns the timestamps of one publisher into one time line that every viewer can follow.
///
/// What comes out: per track never backwards; from `start` on; with the distances that the publisher gave, to the
/// millisecond and for as long as the stream lasts, through any number of 32-bit wraps; audio and video as far apart as
/// they came in, also behind a correction.
///
/// What it corrects, with the figures of `Policy`:
/// - a step back of up to a second (decode times that are presentation times, rounding) is held at the last output;
/// - a larger step back (a file that starts again, an encoder that reconnects and counts from 0, a clock set back) or
///   one forward of more than five seconds (a clock set forward) goes on one frame after the last output. The same
///   offset then holds for every other track as soon as it makes the step too; until then it goes on as before, for
///   audio and video are never interleaved so well that both step at once;
/// - tracks with clocks of their own (audio from 0, video from the time of day) each keep theirs, joined where the
///   second one began.
///
/// A gap forward of up to five seconds is the publisher's own (a screen that does not change, frames dropped before
/// they were sent) and stays; a stream of stills, without sound and with less than a frame in five seconds, needs a
/// larger `maximumGap`. Metadata and sequence headers often carry 0: they never move the clock, see `place`.
package struct TimestampCorrector: Sendable {
    package struct Policy: Sendable {
        /// A step forward beyond this is a clock that was set, not a gap.
        package var maximumGap: Duration
        /// A step back beyond this is a clock that was set, not frames out of order: 16 frames at 25/s are 640 ms.
        package var maximumRegression: Duration
        /// So many frames in a row that are not later than an earlier one are no disorder but a clock that was set
        /// back, by less than `maximumRegression`: else a clip of half a second that is played again and again stood
        /// still.
        package var maximumHeldFrames: Int
        /// How far one track may be sent ahead of another.
        package var maximumSkew: Duration
        /// Frames of more tracks than this are refused; metadata counts as one.
        package var maximumTracks: Int

        package init(
            maximumGap: Duration = .seconds(5), maximumRegression: Duration = .seconds(1),
            maximumHeldFrames: Int = 32, maximumSkew: Duration = .seconds(5), maximumTracks: Int = 32
        ) {
            self.maximumGap = maximumGap
            self.maximumRegression = maximumRegression
            self.maximumHeldFrames = maximumHeldFrames
            self.maximumSkew = maximumSkew
            self.maximumTracks = maximumTracks
        }
    }

    /// Added to what comes in, from one step of a clock to the next.
    struct Epoch: Sendable {
        let number: Int
        let offset: Int64
        /// The latest input that this offset was used for.
        var latestInput: MediaTime
    }

    struct Track: Sendable {
        let kind: MediaKind
        let number: UInt8
        var epoch = 0
        var offset: Int64 = 0
        /// Of coded frames; nil before the first. The latest one, not the last: a clock that runs backwards is noticed
        /// in the end.
        var latestInput: MediaTime?
        var lastOutput: MediaTime
        /// From one frame to the next, where it went well: how far a correction goes on.
        var step: Int64 = 20
        /// Frames since the latest one.
        var held = 0
    }

    private let start: MediaTime
    let maximumGap: Int64
    let maximumRegression: Int64
    let maximumSkew: Int64
    let maximumHeldFrames: Int
    private let maximumTracks: Int

    var tracks: [Track] = []
    /// Nil before the first frame.
    var epoch: Epoch?
    /// What 32-bit times are near to.
    private var reference: MediaTime?
    /// The furthest output of any track.
    package internal(set) var head: MediaTime

    /// How often a clock was found to have stepped.
    package internal(set) var corrections = 0

    /// The first frame comes out at `start`, so that a stream can go on with another publisher.
    package init(policy: Policy = Policy(), start: MediaTime = .zero) {
        self.start = start
        head = start
        maximumGap = Self.milliseconds(policy.maximumGap)
        maximumRegression = Self.milliseconds(policy.maximumRegression)
        maximumSkew = Self.milliseconds(policy.maximumSkew)
        maximumHeldFrames = policy.maximumHeldFrames
        maximumTracks = policy.maximumTracks
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// Gives `frame` its time: `wire` corrected where it is coded media, else placed beside it. False for a frame of
    /// too many tracks, which is to be dropped.
    package mutating func stamp(_ frame: inout Frame, wire: UInt32) -> Bool {
        let time =
            frame.content == .coded
            ? correct(wire: wire, frame.kind, track: frame.track) : place(wire: wire, frame.kind, track: frame.track)
        guard let time else { return false }
        frame.time = time
        return true
    }

    /// The time of a coded frame whose timestamp has 32 bits, as in RTMP and FLV; nil where there are too many tracks.
    package mutating func correct(wire: UInt32, _ kind: MediaKind, track: UInt8 = 0) -> MediaTime? {
        let time = extend(wire)
        guard let output = correct(time, kind, track: track) else { return nil }
        reference = time
        return output
    }

    /// The time of a coded frame whose timestamp does not wrap; nil where there are too many tracks.
    package mutating func correct(_ input: MediaTime, _ kind: MediaKind, track: UInt8 = 0) -> MediaTime? {
        guard let index = index(of: kind, track) else { return nil }
        if tracks[index].latestInput == nil {
            begin(index, at: input)
        } else {
            choose(for: index, input)
        }
        return advance(index, to: input)
    }

    /// Where something without a clock of its own belongs: metadata, a sequence header, the end of a sequence.
    ///
    /// At its own time where that lies within the bounds and is not ahead of the media, else beside the latest frame of
    /// its track: `onMetaData` with time 0 in the middle of a stream moves nothing. Nil where there are too many
    /// tracks.
    package mutating func place(wire: UInt32, _ kind: MediaKind, track: UInt8 = 0) -> MediaTime? {
        place(extend(wire), kind, track: track)
    }

    /// As `place(wire:_:track:)`, for a timestamp that does not wrap.
    package mutating func place(_ input: MediaTime, _ kind: MediaKind, track: UInt8 = 0) -> MediaTime? {
        guard let epoch else { return start }
        guard let index = index(of: kind, track) else { return nil }
        let known = tracks[index]
        let isNear = abs(distance(from: known.latestInput ?? epoch.latestInput, to: input)) <= maximumSkew
        let beside = known.latestInput == nil ? head : known.lastOutput
        let own = isNear ? input + (known.latestInput == nil ? epoch.offset : known.offset) : beside
        let output = max(min(own, head), known.lastOutput)
        tracks[index].lastOutput = output
        return output
    }

    private func extend(_ wire: UInt32) -> MediaTime {
        guard let reference else { return MediaTime(milliseconds: Int64(wire)) }
        return MediaTime(wire: wire, near: reference)
    }

    // MARK: - Tracks

    /// Where the track is kept: a new place for a new one, nil where there are too many.
    private mutating func index(of kind: MediaKind, _ number: UInt8) -> Int? {
        if let index = tracks.firstIndex(where: { $0.kind == kind && $0.number == number }) { return index }
        guard tracks.count < maximumTracks else { return nil }
        tracks.append(Track(kind: kind, number: number, lastOutput: start))
        return tracks.count - 1
    }

    /// The track's first coded frame: on the clock of the others, or on one of its own where it is too far from theirs.
    private mutating func begin(_ index: Int, at input: MediaTime) {
        if let epoch {
            if abs(distance(from: epoch.latestInput, to: input)) > maximumSkew { startEpoch(at: input, output: head) }
        } else {
            epoch = Epoch(number: 0, offset: start - input, latestInput: input)
        }
        if let epoch { follow(index, epoch, at: input) }
    }

    /// Adds the track's offset, and keeps the order.
    private mutating func advance(_ index: Int, to input: MediaTime) -> MediaTime {
        let step = distance(from: tracks[index].latestInput ?? input, to: input)
        let output = max(input + tracks[index].offset, tracks[index].lastOutput)
        if step > 0 {
            if step <= maximumGap { tracks[index].step = min(step, 1000) }
            tracks[index].latestInput = input
            tracks[index].held = 0
        } else {
            tracks[index].held += 1
        }
        tracks[index].lastOutput = output
        if let epoch, epoch.number == tracks[index].epoch { self.epoch?.latestInput = max(epoch.latestInput, input) }
        head = max(head, output)
        return output
    }
}
