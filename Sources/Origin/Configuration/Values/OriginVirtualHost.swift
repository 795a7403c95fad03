import Media

/// What holds for the streams of one virtual host.
package struct OriginVirtualHost: Sendable, Equatable {
    /// The host of streams whose host has no block of its own.
    package static let defaultName = StreamKey.defaultVhost

    /// In lower case, as in the key of a stream, or `defaultName`.
    package let name: String
    package var isEnabled = true
    /// Whether frames go out as they come, whatever `Play.mergedWriteLatency` says.
    package var minimumLatency = false
    package var play = Play()
    package var publish = Publish()
    package var httpRemux = HTTPRemux()

    package init(name: String = defaultName) { self.name = name == Self.defaultName ? name : name.lowercased() }
}

extension OriginVirtualHost {
    /// Towards viewers.
    package struct Play: Sendable, Equatable {
        /// Whether a viewer starts with the last group of pictures.
        package var gopCache = true
        /// Frames of that group; more empty the cache. 0 sets no bound of its own.
        package var gopCacheMaximumFrames = 2_500
        /// How much of a stream may wait for a slow viewer.
        package var queueLength = Duration.seconds(30)
        /// How long frames are gathered for one write.
        package var mergedWriteLatency = Duration.milliseconds(350)
        /// Whether a configuration that has not changed is sent once only.
        package var reduceSequenceHeader = false
    }

    /// From publishers.
    package struct Publish: Sendable, Equatable {
        /// How long a publisher may take for its first frame.
        package var firstFrameTimeout = Duration.seconds(20)
        /// How long it may be silent after that.
        package var silenceTimeout = Duration.seconds(5)
        /// Whether size and profile are read from the parameter sets.
        package var parseSPS = true
        /// How long it may go on without a viewer; zero for as long as it likes.
        package var idleTimeout = Duration.zero
    }

    /// HTTP-FLV and FLV by WebSocket.
    package struct HTTPRemux: Sendable, Equatable {
        package var isEnabled = false
    }
}
