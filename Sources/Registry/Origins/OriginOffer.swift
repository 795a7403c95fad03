package import Balancing
import Bytes

/// What it depends on whether a stream that nobody has goes to an origin, but for what connections have shown. It holds
/// no references: for such a stream a thousand of them are looked at.
package struct OriginOffer: Sendable, Equatable {
    let name: NameHash
    let zone: NameHash?
    let weight: UInt32
    let connections: Int
    let processorPercent: Int
    let presentSince: Instant?
    let takesStreams: Bool
    /// A bit for each service, by its place.
    private let services: UInt8

    package init(_ origin: Origin) {
        name = origin.profile.name
        zone = origin.zone.map { NameHash($0.text) }
        weight = origin.weight.value
        connections = origin.load.connections ?? 0
        processorPercent = origin.load.processorPercent ?? 0
        presentSince = origin.presentSince
        takesStreams = origin.takesStreams
        services = OriginService.allCases.reduce(0) { $0 | (origin.has($1) ? 1 << $1.place : 0) }
    }

    func has(_ service: OriginService) -> Bool { services & 1 << service.place != 0 }
}

extension OriginID {
    /// Tells it from others as well as its text does, at less cost.
    package var nameHash: NameHash { NameHash(text) }
}
