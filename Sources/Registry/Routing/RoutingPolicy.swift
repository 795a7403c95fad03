package import Balancing

/// How the origin of a stream that nobody has is chosen, as operators name it.
package enum RoutingPolicy: String, Sendable, CaseIterable {
    /// By names, with a bound for the load: a stream comes back to where it was.
    case hash
    /// The one that has least for its weight.
    case leastLoad = "least-load"
    /// The less loaded of two that chance has chosen.
    case randomTwo = "random-two"

    package var placement: any PlacementPolicy {
        switch self {
        case .hash: BoundedRendezvous()
        case .leastLoad: LeastLoaded()
        case .randomTwo: RandomTwo()
        }
    }
}
