import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Registry
import Telemetry

/// What a player's relay knows of where its stream is.
///
/// An RTMP player waits for a publisher as long as it likes, and publishers come and come back where they will. So a
/// player that hears nothing is moved to the origin that has got its stream, and one whose origin has gone to the next
/// one; it goes on in the same stream on the same connection, where what it has been sent is whole.
struct RelayMoving {
    /// Asks the stream's owner, while the relay goes on.
    var search: OriginSearch?
    /// The owner has accepted: where to go on as soon as the player is between messages.
    var next: OriginSearch.Found?
    /// Looks for which `next` has waited.
    var waited = 0
    /// Looks to pass over before the owner is asked again, and how often it has not accepted.
    var pause = 0
    var failures = 0
    /// Whether anything has come since the last look.
    var hasHeard = false
    /// The origin has said that there will be no more.
    private(set) var isOver = false
    /// Until when an origin is looked for, where there is none.
    var rejoinUntil: Instant?
    /// The start of an origin that has closed the connection as one does who means to; the first search is not over.
    private var closer: (origin: OriginID, instance: OriginInstance)?
    private var rejoins = 0
    private var joined = Instant(nanoseconds: 0)

    /// An origin has been found. What has gone before counts only against one that goes soon.
    mutating func join(at now: Instant) {
        let rejoins = rejoins
        self = RelayMoving()
        self.rejoins = rejoins
        joined = now
    }

    mutating func heard(_ status: Status) {
        switch status.code {
        case .playStop, .playComplete: isOver = true
        case .playStart, .playPublishNotify: isOver = false
        default: if status.level == .error { isOver = true }
        }
    }

    /// Begins to look for an origin again; false where too many have gone one soon after the other. `closer` is the
    /// last one, where it has closed the connection in good order.
    mutating func rejoin(at now: Instant, _ limits: RelayLimits, closer: Origin?) -> Bool {
        rejoins = now - joined < limits.rejoinTimeout ? rejoins + 1 : 1
        rejoinUntil = now + limits.rejoinTimeout
        self.closer = closer.flatMap { $0.instance.tellsStarts ? ($0.id, $0.instance) : nil }
        return rejoins <= limits.maximumRejoins
    }

    /// The first search has found nobody.
    mutating func foundNobody() { closer = nil }

    /// Whether the origin that takes the player, as it says of itself by now, is the very start of it that has just
    /// closed its connection: then it has not died, and meant to send the player away.
    func isSentAway(by origin: Origin?) -> Bool {
        guard let closer, let origin else { return false }
        return closer == (origin.id, origin.instance)
    }

    /// The owner has not accepted: 2, 4, … 32 looks pass before it is asked again.
    mutating func failed() {
        search = nil
        failures = min(failures + 1, 5)
        pause = 1 << failures
    }
}

// MARK: - Following the owner

extension RelayConnection: WatchedRelay {
    /// The relay has begun with an origin.
    func joined() {
        moving.join(at: server.loop.now)
        if request?.purpose == .play { context.watch.add(self) }
    }

    func stopMoving() {
        context.watch.remove(self)
        moving.search?.abandon()
        moving.next?.leg.end()
        moving = RelayMoving()
    }

    func look() {
        guard let request, stop == nil else { return }
        guard let leg else { return lookForAnother() }
        // Nothing comes for one that takes nothing, and it has to take the rest of its message before it can go on.
        guard !socket.isOutputBlocked else { return }
        if moving.next != nil {
            moving.waited += 1
            moveOn()
            if moving.next != nil, moving.waited >= context.limits.maximumPatience { dismiss() }
            return
        }
        let isSilent = !moving.hasHeard
        moving.hasHeard = false
        guard isSilent, moving.search == nil else { return }
        guard moving.pause == 0 else {
            moving.pause -= 1
            return
        }
        guard context.routing.isElsewhere(request.key, than: leg.routed.origin, at: server.loop.now) else { return }
        let search = OriginSearch(request, .owner, for: self, context, on: server)
        moving.search = search
        search.begin()
    }

    /// Goes on with the origin that waits, where the client can.
    private func moveOn() {
        guard relay?.isBetweenMessages == true, let next = moving.next.take() else { return }
        server.log.debug(
            "a player follows its stream",
            [
                "stream": next.request.key.description, "from": leg?.routed.origin.id.text ?? "",
                "to": next.leg.routed.origin.id.text,
            ])
        leaveOrigin()
        begin(next)
    }
}

// MARK: - An origin that has gone

extension RelayConnection {
    private var mayRejoin: Bool {
        // One that takes too little may have been sent away for it.
        request?.purpose == .play && relay?.isBetweenMessages == true && stop == nil && !moving.isOver
            && !server.isDraining && !socket.isOutputBlocked
    }

    private func originGone(_ leg: OriginLeg, _ reason: TCPCloseReason) {
        let closer = reason == .closed ? leg.routed.origin : nil
        guard mayRejoin, moving.rejoin(at: server.loop.now, context.limits, closer: closer) else {
            return dismiss()
        }
        leaveOrigin()
        if let next = moving.next.take() { return begin(next) }
        moving.search?.abandon()
        moving.search = nil
        socket.pauseReading()
        lookForAnother()
    }

    private func lookForAnother() {
        guard search == nil, let request, let until = moving.rejoinUntil else { return }
        guard server.loop.now < until else { return dismiss() }
        let search = OriginSearch(request, .again, for: self, context, on: server)
        self.search = search
        search.begin()
    }
}

// MARK: - From legs and searches

extension RelayConnection: OriginLegOwner {
    func legAccepted(_ leg: OriginLeg, on stream: MessageStreamID, _ status: Status?) {
        search?.accepted(leg, on: stream, status)
        moving.search?.accepted(leg, on: stream, status)
    }

    func legFailed(_ leg: OriginLeg, _ failure: OriginFailure) {
        search?.failed(leg, failure)
        moving.search?.failed(leg, failure)
    }

    func legReceived(_ bytes: RawSpan, from leg: OriginLeg) -> Int {
        guard leg === self.leg else { return bytes.byteCount }
        moving.hasHeard = true
        let consumed = pass(bytes, from: .origin)
        // The relay was only kept for what the client was being sent.
        if relay == nil { server.loop.afterRound { self.resume() } }
        return consumed
    }

    func legDrained(_ leg: OriginLeg) { if leg === self.leg { socket.resumeReading() } }

    /// What it has sent reaches the client first.
    func legClosed(_ leg: OriginLeg, _ reason: TCPCloseReason) {
        if leg === self.leg { return originGone(leg, reason) }
        if leg === moving.next?.leg {
            moving.next = nil
            return moving.failed()
        }
        search?.closed(leg, reason)
        moving.search?.closed(leg, reason)
    }
}

extension RelayConnection: OriginSearchOwner {
    var chunkSize: Int { relay?.clientChunkSize ?? session.channel.reader.chunkSize }

    func found(_ found: OriginSearch.Found, _ status: Status?, by search: OriginSearch) {
        switch search.aim {
        case .request: accepted(found, status)
        case .again:
            self.search = nil
            if moving.isSentAway(by: context.routing.store.origins[found.leg.routed.origin.id]) {
                found.leg.end()
                dismiss()
            } else {
                begin(found)
            }
        case .owner:
            moving.search = nil
            moving.next = found
            moving.waited = 0
            moveOn()
        }
    }

    func refused(_ status: Status, by search: OriginSearch) {
        switch search.aim {
        case .request: refused(status)
        // The next look tries again, or ends it.
        case .again:
            self.search = nil
            moving.foundNobody()
        case .owner: moving.failed()
        }
    }
}
