import Bytes
import Media
import Registry

/// Which origin a viewer is sent to next. Times and answers come in.
///
///     asking ──none has it, or `askingTime` is over──► waiting ──it has said no, or none is left──► over
///
/// Origins are asked one after the other what they have now: those of ours say at once that a stream is not there,
/// others get `StreamRelayContext.glance`. If none has it the viewer waits for its publisher, at the first that is
/// there: one that has said no rather than one that has said nothing. The owner of a stream, and an origin without
/// others, are waited at from the start.
struct StreamSearch {
    /// An origin to ask.
    struct Choice {
        let routed: RoutedOrigin
        /// Whether the viewer waits there for a publisher.
        let isPatient: Bool
    }

    /// What came of one.
    enum Outcome {
        /// It has no such stream.
        case absent
        /// It has said nothing in the time it had.
        case silent
        case failed
    }

    private enum Round {
        case asking
        case waiting
        case over
    }

    /// Origins that are asked before one is waited at.
    static let maximumAsked = 5
    /// Requests for one viewer; then what is known is told.
    static let maximumRequests = 8
    /// From the beginning; no further origin is only asked after that.
    static let askingTime = Duration.seconds(10)
    /// From the beginning; no further origin is waited at after that. With what an origin is given, a search is over
    /// within 35 s.
    static let waitingTime = Duration.seconds(20)

    /// Requests so far.
    private(set) var requests = 0
    private let key: StreamKey
    private let mayWait: Bool
    private let began: Instant
    private var round = Round.asking
    private var current: Choice?
    private var tried: [OriginID] = []
    /// Those that are not waited at.
    private var failed: [OriginID] = []
    private var silent: [OriginID] = []
    private var hasAbsent = false

    /// `mayWait` is false where nobody waits for a stream, as with HEAD.
    init(for key: StreamKey, mayWait: Bool, at now: Instant) {
        self.key = key
        self.mayWait = mayWait
        began = now
    }

    /// The next one; nil where there is none, and what is known is to be told.
    mutating func next(in routing: StreamRouting, at now: Instant) -> Choice? {
        guard requests < Self.maximumRequests else { return nil }
        if round == .asking {
            if let choice = ask(routing, now) { return choice }
            round = mayWait ? .waiting : .over
            tried = failed + (hasAbsent ? silent : [])
        }
        guard round == .waiting, now - began < Self.waitingTime,
            let routed = routing.next(for: key, .http, to: .view, tried: tried, at: now)
        else { return nil }
        return choose(routed, isPatient: true)
    }

    private mutating func ask(_ routing: StreamRouting, _ now: Instant) -> Choice? {
        guard tried.count < Self.maximumAsked, now - began < Self.askingTime,
            let routed = routing.next(for: key, .http, to: .view, tried: tried, at: now)
        else { return nil }
        // Of an owner it is not asked: that is one look-up, and this a look at all origins.
        let isAlone =
            !routed.isOwner && tried.isEmpty
            && !routing.hasOthers(for: key, .http, to: .view, than: routed.origin.id, at: now)
        if isAlone { round = .waiting }
        return choose(routed, isPatient: routed.isOwner || isAlone)
    }

    private mutating func choose(_ routed: RoutedOrigin, isPatient: Bool) -> Choice {
        requests += 1
        tried.append(routed.origin.id)
        let choice = Choice(routed: routed, isPatient: isPatient)
        current = choice
        return choice
    }

    /// Goes to the stream's owner, of which it has just become known.
    mutating func move(to owner: RoutedOrigin) -> Choice {
        round = .asking
        (tried, failed, silent, hasAbsent) = ([], [], [], false)
        return choose(owner, isPatient: true)
    }

    /// Notes what came of the last choice.
    mutating func note(_ outcome: Outcome) {
        guard let choice = current.take() else { return }
        let origin = choice.routed.origin.id
        switch outcome {
        case .absent where !choice.isPatient: hasAbsent = true
        case .silent where !choice.isPatient: silent.append(origin)
        // A stream that nobody has is not waited for twice.
        case .absent where round == .waiting: round = .over
        case .absent, .silent, .failed: failed.append(origin)
        }
    }
}
