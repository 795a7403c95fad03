import Balancing
import Reactor

/// What an origin says of itself that seldom changes, shared by all copies of its record, with what is worked out of it
/// once: so a copy costs one reference, and a session that finds its origin allocates nothing.
final class OriginProfile: Sendable, Equatable {
    let id: OriginID
    let instance: OriginInstance
    let device: String?
    let host: HostName
    let endpoints: OriginEndpoints
    let zone: OriginZone?
    let labels: [String: String]
    /// By which draws tell it from others.
    let name: NameHash
    /// By `OriginService.place`.
    private let addresses: [[OriginAddress]]

    init(_ heartbeat: Heartbeat) {
        id = heartbeat.server
        instance = heartbeat.instance
        device = heartbeat.device
        host = heartbeat.host
        endpoints = heartbeat.endpoints
        zone = heartbeat.zone
        labels = heartbeat.labels
        name = heartbeat.server.nameHash
        addresses = OriginService.allCases.map { service in
            var addresses: [OriginAddress] = []
            for endpoint in heartbeat.endpoints[service] where service.takes(endpoint.transport) {
                let address = OriginAddress(host: endpoint.host ?? heartbeat.host, port: endpoint.port)
                if !addresses.contains(address) { addresses.append(address) }
            }
            return addresses
        }
    }

    func addresses(of service: OriginService) -> [OriginAddress] { addresses[service.place] }

    /// Whether the heartbeat, one of the same origin, says the same.
    func isSaid(by heartbeat: Heartbeat) -> Bool {
        instance == heartbeat.instance && host == heartbeat.host && endpoints == heartbeat.endpoints
            && device == heartbeat.device && zone == heartbeat.zone && labels == heartbeat.labels
    }

    static func == (left: OriginProfile, right: OriginProfile) -> Bool {
        left === right
            || left.id == right.id && left.instance == right.instance && left.host == right.host
                && left.endpoints == right.endpoints && left.device == right.device && left.zone == right.zone
                && left.labels == right.labels
    }
}
