/// What leads to an origin without the name of a stream: what the later packets or connections of a session carry
/// instead. Another kind is another case and its lifetime.
package enum RouteKind: String, Sendable, Hashable, CaseIterable {
    /// The ICE user fragment of an origin's answer: the first packet of a WebRTC session names it.
    case webRTC = "webrtc"

    /// How long a route lasts without being remembered again: whoever relays its session does that in every third of
    /// it.
    package var lifetime: Duration {
        switch self {
        case .webRTC: .seconds(120)
        }
    }
}

/// What the packets of a session carry, of one kind.
package struct RouteKey: Sendable, Hashable {
    /// As many as an ICE user fragment may have (RFC 8839, 5.4).
    package static let maximumBytes = 256

    package let kind: RouteKind
    package let text: String

    /// Nil where it is empty, too long, or anything but visible ASCII.
    package init?(_ kind: RouteKind, _ text: String) {
        guard (1...Self.maximumBytes).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.kind = kind
        self.text = text
    }
}

/// Where a session's packets belong. Where that is reached is for the origin's heartbeats to say.
package struct Route: Sendable, Hashable {
    package let key: RouteKey
    package let origin: OriginID
    /// The start of the origin that has the session, which ends with it.
    package let instance: OriginInstance

    package init(key: RouteKey, origin: OriginID, instance: OriginInstance) {
        self.key = key
        self.origin = origin
        self.instance = instance
    }
}

/// Why a route is not remembered.
package enum RouteRefusal: Error, Equatable {
    /// No such start of the origin is registered, so that it would lead nowhere.
    case unknownOrigin
}

/// What has become of routes of one kind since the store began; `present` is how many there are.
package struct RouteCounts: Sendable, Equatable {
    package var present = 0
    /// New ones.
    package var remembered: UInt64 = 0
    package var refused: UInt64 = 0
    /// Those that gave way to others before their time.
    package var evicted: UInt64 = 0

    package init() {}
}
