import Media

/// What holds for the streams of one virtual host.
package struct OriginVirtualHost: Sendable, Equatable {
    /// The host of streams whose host has no block of its own.
    package static let defaultName = StreamKey.defaultVhost

    /// In lower case, as in the key of a stream, or `defaultName`.
    package let name: String
    package var isEnabled = true
    /// Bytes of a chunk to its clients; nil for the server's.
    package var chunkSize: Int?
    /// Whether small writes go out at once.
    package var tcpNoDelay = false
    /// Whether reads are never merged, and writes wait for no number of frames.
    package var minimumLatency = false
    /// Bytes after which a client must acknowledge what it received; 0 asks for nothing.
    package var incomingAcknowledgement = 0
    /// Bytes after which this server acknowledges.
    package var outgoingAcknowledgement = 2_500_000
    package var play = Play()
    package var publish = Publish()
    package var httpRemux = HTTPRemux()

    package init(name: String = defaultName) { self.name = name == Self.defaultName ? name : name.lowercased() }

    /// How many frames one write to a viewer waits for.
    package var mergedWriteMessages: Int { play.mergedWriteMessages ?? (minimumLatency ? 0 : 8) }

    /// Whether what a publisher sends is gathered before it is read.
    package var mergesReads: Bool { publish.mergedRead && !minimumLatency }
}

extension OriginVirtualHost {
    /// Towards viewers.
    package struct Play: Sendable, Equatable {
        /// How timestamps are corrected for viewers.
        package enum TimeJitter: String, Sendable, CaseIterable {
            /// They begin at zero and never go back.
            case full
            /// They begin at zero.
            case zero
            /// They stay as they came.
            case off
        }

        /// Whether a viewer starts with the last group of pictures.
        package var gopCache = true
        /// Frames of that group; more empty the cache. 0 sets no bound of its own.
        package var gopCacheMaximumFrames = 2_500
        /// How much of a stream may wait for a slow viewer.
        package var queueLength = Duration.seconds(30)
        /// How long frames are gathered for one write.
        package var mergedWriteLatency = Duration.milliseconds(350)
        /// How many frames a write waits for; nil for what `OriginVirtualHost.mergedWriteMessages` makes of it.
        package var mergedWriteMessages: Int?
        package var timeJitter = TimeJitter.full
        /// Whether sound and picture are put into one order of time.
        package var mixCorrect = false
        /// Whether timestamps are absolute: those of the publisher, untouched.
        package var absoluteTime = false
        /// Least time between two frames to one viewer; zero for none.
        package var sendMinimumInterval = Duration.zero
        /// Whether a configuration that has not changed is sent once only.
        package var reduceSequenceHeader = false
    }

    /// From publishers.
    package struct Publish: Sendable, Equatable {
        /// Whether reads are merged.
        package var mergedRead = false
        package var mergedReadLatency = Duration.milliseconds(350)
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
        /// The path of a stream; `[vhost]`, `[app]` and `[stream]` stand for its names.
        package var mount = "[vhost]/[app]/[stream].flv"
        /// How much of the past a viewer starts with, besides the last group of pictures; zero for none.
        package var fastCache = Duration.zero
        /// Whether frames are left out that the header does not announce.
        package var dropIfNotMatching = true
        /// What the header announces where `guessesTracks` is off.
        package var hasAudio = true
        package var hasVideo = true
        /// Whether the header announces what the stream has shown so far.
        package var guessesTracks = true
    }
}
