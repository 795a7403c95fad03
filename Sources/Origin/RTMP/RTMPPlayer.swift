import Bytes
import Media
import RTMP
import Reactor

/// One play on a connection: what it is sent, and whether it wants it now.
final class RTMPPlayer {
    let stream: MessageStreamID
    let key: StreamKey
    private let policy: StreamPolicy
    private let streams: LocalStreams
    private let meter: ViewerMeter
    private let socket: TCPConnection
    private var subscriber: Subscriber?
    private var isPaused = false
    private var wantsAudio = true
    private var wantsVideo = true
    private(set) var bytesSent: UInt64 = 0

    init(
        _ key: StreamKey, on stream: MessageStreamID, of socket: TCPConnection, in streams: LocalStreams,
        policy: StreamPolicy, meter: ViewerMeter
    ) {
        self.key = key
        self.stream = stream
        self.socket = socket
        self.streams = streams
        self.policy = policy
        self.meter = meter
        meter.began()
    }

    /// False where there are too many streams.
    func begin() -> Bool {
        guard !isPaused, let selection else { return true }
        subscriber = streams.subscribe(self, to: key, .rtmp(stream, selection), policy: policy)
        return subscriber != nil
    }

    func end() {
        leave()
        meter.ended()
    }

    private func leave() {
        if let subscriber { meter.skipped(subscriber.skips) }
        subscriber?.leave()
        subscriber = nil
    }

    func drained() { subscriber?.drained() }

    // MARK: - Wishes

    private var selection: TrackSelection? {
        switch (wantsAudio, wantsVideo) {
        case (true, true): .all
        case (true, false): .audioOnly
        case (false, true): .videoOnly
        case (false, false): nil
        }
    }

    /// A player that goes on after a pause, or wants other tracks, goes on at a key frame. False where there are too
    /// many streams by then.
    func change(isPaused: Bool? = nil, wantsAudio: Bool? = nil, wantsVideo: Bool? = nil) -> Bool {
        let before = (self.isPaused, self.wantsAudio, self.wantsVideo)
        self.isPaused = isPaused ?? self.isPaused
        self.wantsAudio = wantsAudio ?? self.wantsAudio
        self.wantsVideo = wantsVideo ?? self.wantsVideo
        guard before != (self.isPaused, self.wantsAudio, self.wantsVideo) else { return true }
        leave()
        return begin()
    }
}

extension RTMPPlayer: SubscriberSink {
    var isBlocked: Bool { socket.isOutputBlocked }

    func enqueue(_ bytes: SharedBytes) {
        meter.sent(bytes.count)
        bytesSent += UInt64(bytes.count)
        socket.enqueue(bytes)
    }

    func flush() { socket.flush() }

    /// It waits: players of RTMP stay for as long as they like.
    func publisherEnded() {}
}
