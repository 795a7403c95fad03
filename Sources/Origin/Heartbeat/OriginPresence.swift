import HTTPTransport
import Reactor
import Registry
import Service
import Telemetry

/// Tells proxies of this origin, on the first loop: at the start, while it lives, and when it goes.
enum OriginPresence {
    /// How long the end of the program waits for proxies to hear of it.
    private static let farewellTime = Duration.seconds(2)

    /// Nil where nobody is to be told.
    static func begin(_ context: OriginContext, on loop: EventLoop, plan: ListenPlan) throws -> Announcements? {
        let settings = context.configuration.heartbeat
        guard let metrics = context.heartbeatMetrics else { return nil }
        // A name whose look-up hangs holds up heartbeats alone.
        var limits = Resolver.Limits()
        limits.threads = 1
        let client = HTTPClient(on: loop, resolver: try Resolver(limits: limits))
        let log = context.log.logger(.heartbeat)
        let heartbeat = Heartbeat(
            of: context.program.identity, settings, plan, network: context.configuration.process.networkIndex,
            machine: SocketAddress.Host.ofMachine())
        log.info("heartbeats begin", ["ip": heartbeat.host.description, "targets": settings.urls.count])
        var options = HeartbeatOptions()
        options.pace = HeartbeatPace(interval: settings.interval)
        let sender = HeartbeatSender(
            heartbeat, to: try settings.urls.map { try HeartbeatTarget($0, authorization: settings.authorization) },
            through: client, options: options,
            log: log, metrics: metrics,
            summaries: settings.withSummaries ? context.sampler(on: loop).sample : { $0(nil) })
        sender.start()
        return Announcements(leaving: sender.leave) { sender.sayFarewell(within: farewellTime, then: $0) }
    }
}

extension OriginConfiguration.Heartbeat {
    /// What `Authorization` says.
    fileprivate var authorization: Secret<String>? { secret.map { Secret("Bearer \($0.text.reveal())") } }
}

extension Heartbeat {
    /// What an origin that listens as `plan` has it says of itself, on a machine with these addresses.
    init(
        of identity: ServerIdentity, _ settings: OriginConfiguration.Heartbeat, _ plan: ListenPlan, network: Int,
        machine: [SocketAddress.Host]
    ) {
        self.init(of: identity, settings, plan.listenings, network: network, machine: machine)
    }

    init(
        of identity: ServerIdentity, _ settings: OriginConfiguration.Heartbeat, _ listenings: [Listening],
        network: Int, machine: [SocketAddress.Host]
    ) {
        var endpoints = OriginEndpoints()
        if settings.withPorts {
            endpoints.rtmp = Self.endpoints(of: [.rtmp], in: listenings)
            endpoints.http = Self.endpoints(of: [.http], in: listenings)
            endpoints.api = Self.endpoints(of: [.api], in: listenings)
        }
        self.init(
            server: OriginID(identity.server),
            instance: OriginInstance(service: identity.service, process: "\(identity.process)"),
            device: settings.deviceID.isEmpty ? nil : settings.deviceID,
            host: .address(Self.host(of: listenings, network: network, machine: machine)), endpoints: endpoints)
        weight = UInt32(exactly: settings.weight).flatMap(OriginWeight.init) ?? .usual
        zone = settings.zone.isEmpty ? nil : OriginZone(settings.zone)
        // Of two with one name the later holds.
        labels = Dictionary(settings.labels.map { ($0.name, $0.text) }) { _, later in later }
    }

    private static func endpoints(of ports: [OriginPort], in listenings: [Listening]) -> [Endpoint] {
        listenings.filter { listening in ports.contains { $0.rawValue == listening.service } }.map { listening in
            let host = listening.address.isWildcard ? nil : HostName.address(listening.address.host)
            return Endpoint(host: host, port: listening.address.port)
        }
    }

    /// Where others reach what listens on every address: the one of the machine that is chosen, counted round as SRS
    /// does. The loopback where the machine has no other, or nothing listens anywhere else.
    private static func host(
        of listenings: [Listening], network: Int, machine: [SocketAddress.Host]
    ) -> SocketAddress.Host {
        let media = listenings.filter { $0.service == OriginPort.rtmp.rawValue }.map(\.address)
        guard let wildcard = media.first(where: \.isWildcard) else {
            return media.first?.host ?? SocketAddress.loopback(port: 0).host
        }
        // 0.0.0.0 hears of IPv4 alone, `::` of both.
        let heard = wildcard.isIPv6 ? machine : machine.filter { !SocketAddress($0, port: 0).isIPv6 }
        return heard.isEmpty ? SocketAddress.loopback(port: 0).host : heard[network % heard.count]
    }
}

extension LogSubsystem {
    static let heartbeat = LogSubsystem("heartbeat")
}
