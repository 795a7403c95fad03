package import Media
package import Reactor

/// Keeps the claims of one loop's publishers: asks for them, renews them all in one sweep, and tells the owner of one
/// that is lost.
///
/// A sweep begins every third of a lease, so that two may fail, and goes in parts with a pause between them, so that
/// neither the loop nor the store is held up by the number; what the store renews together is in one part. A claim that
/// has ended by itself, for the process was stopped or the store has forgotten, is asked for again and kept where
/// nobody else has the stream by then. So is one that could not be asked for, with every sweep until it is known whose
/// the stream is.
package final class ClaimKeeper {
    /// Claims that are renewed at once.
    private static let part = 256
    private static let pauseBetweenParts = Duration.milliseconds(5)

    private let store: any RegistryStore
    private let loop: EventLoop
    private var held: [StreamClaim: HeldClaim] = [:]
    /// Those that could not be asked for.
    private var unclaimed: [ObjectIdentifier: HeldClaim] = [:]
    /// What is left of the sweep that is under way.
    private var toRenew: [StreamClaim] = []
    private var toAsk: [HeldClaim] = []
    private var timer: TimerID?

    package init(_ store: any RegistryStore, on loop: EventLoop) {
        self.store = store
        self.loop = loop
    }

    /// Claims held now.
    package var count: Int { held.count }

    /// Asks for a stream, for an instance of an origin that has accepted its publisher. `absent` is one that could not
    /// be reached. `owner` is kept until it has heard its last or releases the claim, and hears nothing from inside
    /// this call.
    package func take(
        _ key: StreamKey, for origin: OriginID, _ instance: OriginInstance, absent: OriginID? = nil,
        owner: any ClaimOwner
    ) -> HeldClaim {
        let group = store.renewalGroup(of: key)
        let claim = HeldClaim(key, origin, instance, group: group, of: self, for: owner)
        ask(claim, .publish, absent: absent)
        return claim
    }

    func released(_ claim: HeldClaim) {
        if case .held(let ticket) = claim.state {
            held[ticket] = nil
            store.release(ticket, on: loop)
        }
        unclaimed[ObjectIdentifier(claim)] = nil
        if held.isEmpty, unclaimed.isEmpty { stopTimer() }
        claim.state = .over
    }

    // MARK: - Asking

    private func ask(_ claim: HeldClaim, _ purpose: ClaimRequest.Purpose, absent: OriginID? = nil) {
        let request = ClaimRequest(
            key: claim.key, origin: claim.origin, instance: claim.instance, purpose: purpose, absent: absent)
        store.claim(request, on: loop) { self.answered(claim, $0) }
    }

    private func answered(_ claim: HeldClaim, _ result: Result<StreamClaim, ClaimError>) {
        switch (claim.state, result) {
        case (.asking, .success(let ticket)):
            keep(claim, ticket)
            claim.owner?.claimGranted(ticket)
        case (.asking, .failure(.unavailable)):
            wait(claim)
            claim.owner?.claimDelayed()
        case (.asking, .failure(let error)):
            claim.end { $0.claimRefused(error) }
        case (.resuming, .success(let ticket)):
            keep(claim, ticket)
        case (.resuming(let ended?), .failure(.unavailable)):
            // The next sweep finds out what has become of it.
            keep(claim, ended)
        case (.resuming(nil), .failure(.unavailable)), (.resuming(nil), .failure(.full)):
            wait(claim)
        case (.resuming, .failure(.held(let holder))):
            claim.end { $0.claimLost(to: holder) }
        case (.resuming, .failure(.unknownOrigin)), (.resuming, .failure(.full)):
            claim.end { $0.claimLost(to: nil) }
        case (.over, .success(let ticket)):
            store.release(ticket, on: loop)
        case (.over, .failure), (.held, _), (.unclaimed, _):
            break
        }
    }

    private func keep(_ claim: HeldClaim, _ ticket: StreamClaim) {
        claim.state = .held(ticket)
        held[ticket] = claim
        startTimer()
    }

    private func wait(_ claim: HeldClaim) {
        claim.state = .unclaimed
        unclaimed[ObjectIdentifier(claim)] = claim
        startTimer()
    }

    private func askPart() {
        for claim in toRenew.isEmpty ? toAsk.suffix(Self.part) : [] {
            toAsk.removeLast()
            guard unclaimed.removeValue(forKey: ObjectIdentifier(claim)) != nil else { continue }
            claim.state = .resuming(nil)
            // What the store may have granted when nothing was heard of it is this claim's own.
            ask(claim, .publish)
        }
    }

    // MARK: - Renewing

    private func renewPart() {
        let part = Array(toRenew.suffix(Self.part))
        toRenew.removeLast(part.count)
        // Those that were released since the sweep began are no longer anybody's.
        let tickets = part.filter { held[$0] != nil }
        if !tickets.isEmpty {
            store.renew(tickets, on: loop) { result in
                guard case .success(let lost) = result else { return }
                for lost in lost { self.lost(lost) }
            }
        }
    }

    private func lost(_ lost: LostClaim) {
        guard let claim = held.removeValue(forKey: lost.claim) else { return }
        if let holder = lost.holder { return claim.end { $0.claimLost(to: holder) } }
        claim.state = .resuming(lost.claim)
        ask(claim, .resume)
    }

    private func startTimer() {
        if timer == nil { timer = loop.arm(after: store.lease / 3, self) }
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
        toRenew = []
        toAsk = []
    }
}

extension ClaimKeeper: TimerTarget {
    package func timerFired(_ token: UInt32) {
        timer = nil
        if toRenew.isEmpty, toAsk.isEmpty {
            toRenew = held.values.sorted { $0.group < $1.group }.compactMap(\.claim)
            toAsk = Array(unclaimed.values)
        }
        askPart()
        renewPart()
        let isOver = toRenew.isEmpty && toAsk.isEmpty
        guard !held.isEmpty || !unclaimed.isEmpty || !isOver else { return }
        timer = loop.arm(after: isOver ? store.lease / 3 : Self.pauseBetweenParts, self)
    }
}
