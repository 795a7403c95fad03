package import Bytes
package import Media
package import RTMP
package import Reactor

/// What one publisher sends, on its loop: corrects the time line, remembers what new viewers need, and has each
/// rendition made that somebody wants.
///
///     message ─► frames ─► time line ─► head, beginnings, group cache
///                                          │
///                                          └─► a writer per kind ──flush──► the outlets of all loops
///
/// Frames are gathered for `mergeLatency` from the first one on, or up to `maximumMergedBytes`, then handed out
/// together.
package final class Publication {
    /// What was not passed on, and why.
    package struct Faults: Sendable, Equatable {
        /// Messages that cannot be read, and configurations beyond `StreamHead.Limits`.
        package var malformed: UInt64 = 0
        /// Frames of more tracks than there may be.
        package var refused: UInt64 = 0
    }

    package let key: StreamKey
    package private(set) var faults = Faults()
    package private(set) var head: StreamHead
    /// Coded frames.
    package private(set) var frameCount: UInt64 = 0
    /// Payload of messages of audio and video.
    package private(set) var receivedBytes: UInt64 = 0
    /// What viewers that have gone were given.
    package private(set) var sentBytes: UInt64 = 0
    /// Since when nobody has watched; nil while somebody does.
    package private(set) var lonelySince: Instant?

    private let id: UInt64
    private let policy: StreamPolicy
    private let table: StreamTable
    private let loop: EventLoop
    private var changes: LoopPort<OutletChange>?
    private var corrector: TimestampCorrector
    private var cache: GroupCache
    private var opening: OpeningFrames? = OpeningFrames()
    private var feeds: [RenditionKind: RenditionFeed] = [:]
    private var beginnings = Beginnings()
    private var timer: TimerID?
    private var isFlushPending = false

    private init(_ key: StreamKey, id: UInt64, policy: StreamPolicy, table: StreamTable, loop: EventLoop) {
        self.key = key
        self.id = id
        self.policy = policy
        self.table = table
        self.loop = loop
        head = StreamHead(readsParameterSets: policy.readsParameterSets)
        lonelySince = loop.now
        cache = GroupCache(policy.groupCache)
        corrector = TimestampCorrector()
    }

    /// Whether nobody has watched for so long.
    package func isLonely(for duration: Duration) -> Bool {
        lonelySince.map { loop.now - $0 >= duration } ?? false
    }

    package enum Beginning {
        case began(Publication)
        case busy
        case full(maximum: Int)
    }

    /// Becomes the publisher of `key`, where it has none.
    package static func begin(
        _ key: StreamKey, policy: StreamPolicy, table: StreamTable, on loop: EventLoop
    ) -> Beginning {
        let publication = Publication(key, id: table.makeID(), policy: policy, table: table, loop: loop)
        let changes = loop.port { [unowned publication] (change: OutletChange) in publication.changed(change) }
        switch table.publish(key, id: publication.id, changes: changes) {
        case .began(let outlets, let resume):
            publication.changes = changes
            publication.corrector = TimestampCorrector(start: resume)
            for outlet in outlets { publication.attach(outlet) }
            return .began(publication)
        case .busy:
            loop.close(changes)
            return .busy
        case .full(let maximum):
            loop.close(changes)
            return .full(maximum: maximum)
        }
    }

    /// The publisher has gone. What it has sent is handed out first.
    package func end() {
        guard let changes else { return }
        settle()
        flush()
        // Before another publisher can begin: the outlets hear of the two in order.
        for feed in feeds.values { feed.end(from: loop) }
        feeds = [:]
        table.unpublish(key, id: id, resume: corrector.head + Self.resumeGap)
        self.changes = nil
        loop.close(changes)
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    /// From the last frame of one publisher to the first of the next.
    private static let resumeGap: Int64 = 40
}

// MARK: - From the publisher

extension Publication {
    /// A message of audio or video, with the time on it.
    package func receive(_ kind: MediaKind, timestamp: UInt32, body: SharedBytes) {
        receivedBytes += UInt64(body.count)
        do throws(FLVTagError) {
            var frames = try TagFrames(kind, body: body, time: .zero)
            while var frame = frames.next() {
                guard corrector.stamp(&frame, wire: timestamp) else {
                    faults.refused += 1
                    continue
                }
                receive(frame)
            }
        } catch {
            faults.malformed += 1
        }
    }

    /// A data message of RTMP.
    package func receive(data message: Message) {
        do throws(CommandError) {
            let data = try DataMessage(parsing: message.payload.bytes, message.header.type.encoding ?? .amf0)
            receive(data, timestamp: message.header.timestamp)
        } catch {
            faults.malformed += 1
        }
    }

    /// Metadata, or what is for the players alone.
    package func receive(_ message: DataMessage, timestamp: UInt32) {
        guard let message = message.forPlayers else { return }
        var told = message
        if let metadata = message.metadata {
            head.note(metadata)
            told = head.metadata(for: .all).message()
        }
        told.encoding = .amf0
        guard let time = corrector.place(wire: timestamp, .data), let body = RenditionWriter.payload(of: told) else {
            faults.refused += 1
            return
        }
        do throws(FLVTagError) {
            var frames = try TagFrames(.data, body: body, time: time)
            while let frame = frames.next() { receive(frame) }
        } catch {
            faults.malformed += 1
        }
    }

    private func receive(_ frame: Frame) {
        let isNews: Bool
        do throws(StreamHead.Refusal) {
            isNews = try head.note(frame)
        } catch {
            faults.malformed += 1
            return
        }
        if frame.content == .coded { frameCount += 1 }
        if frame.isConfiguration, !isNews, !policy.repeatsConfigurations { return }
        guard opening != nil else { return pass(frame) }
        opening?.add(frame)
        if let opening, opening.isOver(head) { settle() }
    }

    /// Which tracks there are is known now: what has come goes on.
    private func settle() {
        guard let opening = opening.take() else { return }
        for frame in opening.frames { pass(frame) }
    }

    private func pass(_ frame: Frame) {
        let beginning = beginnings.next(frame, hasVideo: head.hasVideo)
        guard frame.bringsBytes else { return }
        cache.add(frame, isEntry: beginning != .none)
        guard !feeds.isEmpty else { return }
        for feed in feeds.values {
            feed.writer.append(frame, beginning, head: head)
            if feed.writer.byteCount >= policy.maximumMergedBytes { feed.flush(from: loop) }
        }
        scheduleFlush()
    }
}

// MARK: - To the outlets

extension Publication: TimerTarget {
    package func timerFired(_ token: UInt32) {
        timer = nil
        flush()
    }

    private func scheduleFlush() {
        guard timer == nil, !isFlushPending else { return }
        if policy.mergeLatency > .zero {
            timer = loop.arm(after: policy.mergeLatency, self)
        } else {
            isFlushPending = true
            loop.afterRound { [weak self] in
                self?.isFlushPending = false
                self?.flush()
            }
        }
    }

    /// Hands out what has been gathered.
    func flush() {
        for feed in feeds.values { feed.flush(from: loop) }
    }

    private func changed(_ change: OutletChange) {
        switch change {
        case .attached(let outlet): attach(outlet)
        case .detached(let id, let sent):
            sentBytes += sent
            for (kind, feed) in feeds {
                feed.remove(id)
                if feed.isEmpty { feeds[kind] = nil }
            }
            if feeds.isEmpty { lonelySince = lonelySince ?? loop.now }
        }
    }

    /// A loop wants the stream from here on: it gets the group of pictures that is under way.
    private func attach(_ outlet: Outlet) {
        let feed = feeds[outlet.kind] ?? RenditionFeed(RenditionWriter(outlet.kind, chunkSize: policy.chunkSize))
        feeds[outlet.kind] = feed
        lonelySince = nil
        feed.flush(from: loop)
        let writer = RenditionWriter(outlet.kind, chunkSize: policy.chunkSize)
        for (position, frame) in cache.frames.enumerated() {
            writer.append(frame, position == 0 ? .key : .none, head: head)
        }
        feed.add(outlet, beginningWith: writer.take(), from: loop)
    }
}
