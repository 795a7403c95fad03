// How a step of a publisher's clock is told from a gap, and which offset a track uses.

extension TimestampCorrector {
    /// Milliseconds from one time to another; a distance that 64 bits do not hold is as good as their largest.
    func distance(from earlier: MediaTime, to later: MediaTime) -> Int64 {
        let (difference, overflow) = later.milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        // One more than the smallest, so that the magnitude has a positive value too.
        if overflow { return later < earlier ? -.max : .max }
        return max(difference, -.max)
    }

    /// Finds out what `input` means for the track at `index`: nothing new, a step that another track has made before,
    /// or a step that it makes first.
    mutating func choose(for index: Int, _ input: MediaTime) {
        let track = tracks[index]
        guard let epoch, let latest = track.latestInput else { return }
        let own = distance(from: latest, to: input)
        let shared = distance(from: epoch.latestInput, to: input)
        let isOrdered = own > 0 || track.held < maximumHeldFrames
        let isContinuous = own >= -maximumRegression && own <= maximumGap && isOrdered
        if track.epoch == epoch.number {
            // A track that was silent while others went on has made no step.
            if isContinuous || (own > 0 && abs(shared) <= maximumSkew) { return }
        } else if abs(shared) <= maximumSkew, abs(shared) < abs(own) {
            follow(index, epoch, at: input)
            return
        } else if isContinuous {
            return
        }
        startEpoch(at: input, output: continuation(of: track))
        if let started = self.epoch { follow(index, started, at: input) }
    }

    /// From here on the track is on the clock of `epoch`.
    mutating func follow(_ index: Int, _ epoch: Epoch, at input: MediaTime) {
        tracks[index].epoch = epoch.number
        tracks[index].offset = epoch.offset
        tracks[index].latestInput = input
        tracks[index].held = 0
    }

    /// From here on `input` is `output`.
    mutating func startEpoch(at input: MediaTime, output: MediaTime) {
        corrections += 1
        epoch = Epoch(number: corrections, offset: output - input, latestInput: input)
    }

    /// Where a track goes on that steps first: one frame after its last. Others may be ahead of it by what is usual
    /// between audio and video; if by more, it was silent, and goes on beside them.
    private func continuation(of track: Track) -> MediaTime {
        head - track.lastOutput <= maximumRegression ? track.lastOutput + track.step : head
    }
}
