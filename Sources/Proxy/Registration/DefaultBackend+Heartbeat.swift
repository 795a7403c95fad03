import Reactor
import Registry

extension ProxyConfiguration.DefaultBackend {
    /// What the fixed origin would say of itself if it could: the same at all proxies that have the same one.
    var heartbeat: Heartbeat {
        func endpoints(_ port: UInt16?) -> [Endpoint] { port.map { [Endpoint(port: $0)] } ?? [] }
        var all = OriginEndpoints()
        all.rtmp = endpoints(rtmp)
        all.http = endpoints(http)
        all.api = endpoints(api)
        all.webRTC = endpoints(webRTC)
        all.srt = endpoints(srt)
        return Heartbeat(server: origin, instance: .untold, host: reached, endpoints: all)
    }

    /// It is named by where it is: what two proxies have with the same address is one origin to all that share their
    /// registry, and what they have with different ones are two.
    var origin: OriginID {
        // The index of a network stands behind a percent sign, which would begin an escape in a path.
        var host = "\(reached)".replacing("%", with: "-")
        if host.hasSuffix(".") { host.removeLast() }
        // A heartbeat takes no name of more than 256 bytes; of the host's, which may have 253, the end tells most.
        return OriginID("default-backend-\(host.suffix(230))-\(rtmp)")
    }

    /// One who connects to a wildcard comes to the machine itself; a heartbeat names no wildcard.
    private var reached: HostName {
        switch host {
        case .address(.v4(0)): .address(.v4(0x7F00_0001))
        case .address(.v6(high: 0, low: 0, scope: _)): .address(.v6(high: 0, low: 1, scope: 0))
        case .address, .name: host
        }
    }

    /// Whether it is on whatever machine connects to it.
    var isOnEveryMachine: Bool {
        switch reached {
        case .address(let address): address.isLoopback
        case .name(let name): name == "localhost" || name == "localhost."
        }
    }
}
