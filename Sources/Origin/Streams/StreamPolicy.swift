/// How the streams of a virtual host are kept and sent.
package struct StreamPolicy: Sendable, Equatable {
    /// What of the past a new viewer gets, so that it need not wait for a key frame. A group of pictures that passes a
    /// bound is dropped, and viewers that come then wait for the next key frame.
    package struct GroupCache: Sendable, Equatable {
        package var isEnabled = true
        /// Of stream time, from the key frame on. No viewer begins further back, however much is kept for slow ones.
        package var maximumDuration: Duration = .seconds(60)
        package var maximumFrames = 2_500
        package var maximumBytes = 32 << 20

        package init() {}
    }

    package var groupCache = GroupCache()
    /// How long frames are gathered, to be sent to a viewer with one system call; zero sends them as they come.
    package var mergeLatency: Duration = .milliseconds(350)
    /// How much is gathered at most, per rendition: beyond it what there is goes out without waiting for the time.
    package var maximumMergedBytes = 1 << 20
    /// How far a slow viewer may be behind: beyond it the viewer goes on at a key frame.
    package var maximumLag: Duration = .seconds(30)
    /// What is kept for slow viewers, per rendition and loop. Beyond it they go on at a key frame.
    package var maximumLogBytes = 64 << 20
    /// What may be on its way to another loop, per rendition. Beyond it nothing is sent there, and when that loop goes
    /// on, its viewers go on at a key frame.
    package var maximumBacklogBytes = 32 << 20
    /// Whether a configuration goes to viewers again where it has not changed.
    package var repeatsConfigurations = true
    /// Whether what a video track is, is read from its configuration, and corrects what the publisher says.
    package var readsParameterSets = true
    /// Of RTMP, in bytes.
    package var chunkSize = 60_000

    package init() {}

    /// Whether frames may come a little later from the publisher's connection, because viewers get them together
    /// anyway.
    var allowsPacing: Bool { mergeLatency >= Self.leastPacedLatency }

    /// Beside this much, what pacing adds is little.
    private static let leastPacedLatency = Duration.milliseconds(200)
}
