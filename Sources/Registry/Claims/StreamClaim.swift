package import Media

/// A stream's tie to the origin that has its publisher. It is also the ticket by which its holder renews and releases
/// it.
///
/// A claim has a lease: unless it is renewed it ends by itself. Every claim that is granted has a higher epoch than all
/// before it, so that a renewal or a release that comes late never touches what somebody else holds by then.
package struct StreamClaim: Sendable, Hashable {
    package let key: StreamKey
    package let origin: OriginID
    /// The start of the origin that took the publisher; the claim ends with it.
    package let instance: OriginInstance
    package let epoch: UInt64

    package init(key: StreamKey, origin: OriginID, instance: OriginInstance, epoch: UInt64) {
        self.key = key
        self.origin = origin
        self.instance = instance
        self.epoch = epoch
    }

    /// Whether both tie the stream to the same start of the same origin.
    package func hasSameOwner(as request: ClaimRequest) -> Bool {
        origin == request.origin && instance == request.instance
    }
}

/// Asks that a stream be tied to an origin.
package struct ClaimRequest: Sendable, Hashable {
    package enum Purpose: Sendable, Hashable {
        /// The origin has just accepted a publisher. A claim of the same instance is replaced: the origin decides
        /// between its own publishers, and the one before is gone.
        case publish
        /// The publisher is still there, but its claim has ended by itself. Whoever has one by now keeps it.
        case resume
    }

    package let key: StreamKey
    package let origin: OriginID
    package let instance: OriginInstance
    package let purpose: Purpose
    /// An origin that could not be reached. A claim of it is replaced where the origin has missed its beats too, or
    /// where nobody renews the claim either: its holder has gone as well, as where both were on one machine.
    package let absent: OriginID?

    package init(
        key: StreamKey, origin: OriginID, instance: OriginInstance, purpose: Purpose = .publish, absent: OriginID? = nil
    ) {
        self.key = key
        self.origin = origin
        self.instance = instance
        self.purpose = purpose
        self.absent = absent
    }

    /// With less of a lease left than this a claim of `absent` is replaced. `liveness` is that origin's; what counts
    /// else is that the claim has not been renewed when it was due: holders renew every third.
    package static func leaseOfAbsent(_ lease: Duration, _ liveness: Origin.Liveness?) -> Duration {
        liveness == .silent ? lease * 2 : lease * 3 / 5
    }
}

/// Why a stream was not claimed.
package enum ClaimError: Error, Equatable {
    /// Somebody has it: that is where its publisher and its viewers belong.
    case held(StreamClaim)
    /// No such instance of the origin is registered, so the claim would end at once.
    case unknownOrigin
    /// There are as many claims as may be.
    case full(maximum: Int)
    /// The store cannot be asked: nothing is known, and the same request may succeed later.
    case unavailable
}

/// The store cannot be asked now.
package struct StoreUnavailable: Error, Equatable {
    package init() {}
}

/// A claim that was not renewed, for it is not the ticket's any more.
package struct LostClaim: Sendable, Equatable {
    package let claim: StreamClaim
    /// Who has the stream instead; nil where nobody does, and the claim may be resumed.
    package let holder: StreamClaim?

    package init(claim: StreamClaim, holder: StreamClaim?) {
        self.claim = claim
        self.holder = holder
    }
}

/// What has become of claims since the store began; `present` is how many there are.
package struct ClaimCounts: Sendable, Equatable {
    package var present = 0
    package var granted: UInt64 = 0
    /// Requests for a stream that another had, or that found no room.
    package var refused: UInt64 = 0
    package var released: UInt64 = 0
    /// Leases that ran out.
    package var expired: UInt64 = 0
    /// Those that ended with their origin's instance, or gave way to a later one of the same instance.
    package var dropped: UInt64 = 0
    /// Those of `granted` that were granted by this proxy alone.
    package var alone: UInt64 = 0
    /// Requests that nobody could answer.
    package var unavailable: UInt64 = 0

    package init() {}
}
