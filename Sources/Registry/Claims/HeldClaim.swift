package import Media

/// Whoever has a publisher and hears, on its loop, what becomes of the claim on its stream. At most one of
/// `claimRefused` and `claimLost` is called, and nothing after it or after `release`.
package protocol ClaimOwner: AnyObject {
    /// The stream is the origin's.
    func claimGranted(_ claim: StreamClaim)

    /// Nobody can be asked whose it is. The publisher goes on, and the claim is made up for as soon as it can be; where
    /// the stream is another's then, the claim is lost.
    func claimDelayed()

    /// It is not, and why.
    func claimRefused(_ error: ClaimError)

    /// It was, and is another's now, or nobody's for the origin has gone. The publisher has to end.
    func claimLost(to holder: StreamClaim?)
}

/// A claim that a `ClaimKeeper` asks for and keeps, until its owner releases it.
///
///     asking ──granted──► held ──lost and nobody's──► resuming ──granted──► held
///      │   │ refused        │ another's                │    ▲ │ another's
///      │   ▼                ▼                          │    │ ▼
///      │  over ◄────────── over ◄──release─────────────│────│─over
///      └──nobody to ask──► unclaimed ◄─────────────────┘    │
///                              └────────with the next sweep─┘
package final class HeldClaim {
    enum State {
        case asking
        case held(StreamClaim)
        /// With the ticket that has ended, if there was one.
        case resuming(StreamClaim?)
        /// Nobody could be asked.
        case unclaimed
        case over
    }

    package let key: StreamKey
    var state = State.asking
    let origin: OriginID
    let instance: OriginInstance
    /// See `RegistryStore.renewalGroup`.
    let group: Int
    private let keeper: ClaimKeeper
    private(set) var owner: (any ClaimOwner)?

    init(
        _ key: StreamKey, _ origin: OriginID, _ instance: OriginInstance, group: Int, of keeper: ClaimKeeper,
        for owner: any ClaimOwner
    ) {
        self.key = key
        self.group = group
        self.origin = origin
        self.instance = instance
        self.keeper = keeper
        self.owner = owner
    }

    /// The claim, while it is held.
    package var claim: StreamClaim? {
        if case .held(let claim) = state { claim } else { nil }
    }

    /// The publisher has gone. A claim that is granted after this is given back at once.
    package func release() {
        owner = nil
        keeper.released(self)
    }

    /// Tells the owner its last.
    func end(_ tell: (any ClaimOwner) -> Void) {
        state = .over
        if let owner = owner.take() { tell(owner) }
    }
}
