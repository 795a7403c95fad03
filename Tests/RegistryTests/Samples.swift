import Bytes
import Media
import Reactor
import Registry

/// What tests of the registry begin with.
enum Samples {
    static func at(_ seconds: Double) -> Instant { Instant(nanoseconds: 1 << 40) + .seconds(seconds) }

    static func key(_ name: String) -> StreamKey {
        try! StreamKey(vhost: StreamKey.defaultVhost, segments: ["live", name])
    }

    static func instance(_ service: String = "s1") -> OriginInstance {
        OriginInstance(service: service, process: "1")
    }

    static func heartbeat(
        _ server: String, service: String = "s1", host: String = "10.0.0.5", state: Heartbeat.State = .serving,
        load: OriginLoad = OriginLoad()
    ) -> Heartbeat {
        var endpoints = OriginEndpoints()
        endpoints.rtmp = [Endpoint(port: 1_935)]
        endpoints.http = [Endpoint(port: 8_080)]
        var heartbeat = Heartbeat(
            server: OriginID(server), instance: instance(service), host: HostName(host)!, endpoints: endpoints)
        heartbeat.state = state
        heartbeat.load = load
        return heartbeat
    }

    /// What is known of a service that has just failed.
    static func out(at now: Instant) -> ServiceCondition {
        var condition = ServiceCondition()
        _ = condition.failed(.refused, at: now, draw: 0)
        return condition
    }

    static func request(
        _ key: String, _ origin: String, service: String = "s1", _ purpose: ClaimRequest.Purpose = .publish,
        absent: String? = nil
    ) -> ClaimRequest {
        ClaimRequest(
            key: Samples.key(key), origin: OriginID(origin), instance: instance(service), purpose: purpose,
            absent: absent.map { OriginID($0) })
    }
}
