import Bytes
import Media
import Reactor
import Service

/// The sessions of one loop. An entry is written when one begins and when it ends, and looked at when somebody asks:
/// packets cost nothing here.
final class LoopSessions {
    private let loop: EventLoop
    private var roster: Roster<any ListedSession>
    private var audiences: [StreamKey: Audience] = [:]

    init(on loop: EventLoop) {
        self.loop = loop
        roster = Roster(loop: loop.handle.index)
    }

    /// As many as the listing has on this loop.
    var count: Int { roster.count }

    /// Whoever adds a session removes it, with the same kind and stream.
    func add(_ session: any ListedSession, _ kind: SessionFacts.Kind, of key: StreamKey) -> RosterID {
        count(kind, of: key, 1)
        return roster.add(session, at: loop.now)
    }

    func remove(_ id: RosterID, _ kind: SessionFacts.Kind, of key: StreamKey) {
        roster.remove(id)
        count(kind, of: key, -1)
    }

    private func count(_ kind: SessionFacts.Kind, of key: StreamKey, _ change: Int) {
        var audience = audiences[key] ?? Audience()
        if kind.isPublisher { audience.publishers += change } else { audience.viewers += change }
        audiences[key] = audience == Audience() ? nil : audience
    }

    func audience(of key: StreamKey) -> Audience { audiences[key] ?? Audience() }

    func page(_ page: ListingPage) -> [SessionSummary] { roster.look(at: page, summary).compactMap(\.self) }

    func session(_ id: RosterID) -> SessionSummary? { roster.look(at: id, summary)?.flatMap(\.self) }

    /// Ends a session, and returns who it was of; nil where there is none.
    func kick(_ id: RosterID) -> SessionSummary? {
        guard let ended = session(id), let member = roster.member(id) else { return nil }
        member.kick()
        return ended
    }

    private func summary(_ entry: inout Roster<any ListedSession>.Entry) -> SessionSummary? {
        guard let facts = entry.member.facts else { return nil }
        let totals = entry.member.totals
        return SessionSummary(
            id: entry.id, facts: facts, age: loop.now - entry.began, totals: totals,
            rates: entry.rates.kilobits(totals, at: loop.now))
    }
}
