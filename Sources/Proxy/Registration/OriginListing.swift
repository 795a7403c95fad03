import Bytes
import HTTPTransport
import Reactor
import Registry
import Service

/// Origins as operators see them.
enum OriginListing {
    static func text(
        _ routing: StreamRouting, _ page: ListingPage, _ identity: ServerIdentity, at now: Instant
    ) -> SharedBytes {
        let origins = routing.store.origins
        let ordered = origins.all.sorted { $0.id.text < $1.id.text }
        let entries = ordered.dropFirst(page.start).prefix(page.count).map { entry($0, origins, routing, at: now) }
        return SharedBytes(
            "{\(identity.envelope),\"data\":{\"total\":\(origins.count),\"origins\":[\(entries.joined(separator: ","))]}}"
        )
    }

    /// Nil where no such origin is registered.
    static func one(
        _ routing: StreamRouting, _ id: OriginID, _ identity: ServerIdentity, at now: Instant
    ) -> SharedBytes? {
        let origins = routing.store.origins
        guard let origin = origins[id] else { return nil }
        return SharedBytes("{\(identity.envelope),\"data\":{\"origin\":\(entry(origin, origins, routing, at: now))}}")
    }

    private static func entry(
        _ origin: Origin, _ origins: OriginSnapshot, _ routing: StreamRouting, at now: Instant
    ) -> String {
        var members = [
            text("server", origin.id.text), text("service", origin.instance.service),
            text("pid", origin.instance.process), text("device_id", origin.device ?? ""),
            text("ip", origin.host.description), text("state", origin.liveness.state.rawValue),
            "\"drained\":\(origin.isDrained)",
        ]
        for service in OriginService.allCases where !origin.endpoints[service].isEmpty {
            let addresses = origin.endpoints[service].map { "\"\(JSONText.escaped($0.address(of: origin.host)))\"" }
            members.append("\"\(service.rawValue)\":[\(addresses.joined(separator: ","))]")
        }
        let failures = routing.failures(of: origin.id)
        let failing = failures.map { "\"\($0.service.rawValue)\"" }
        let reasons = failures.map { failure($0, $1, at: now) }
        let full = routing.fullServices(of: origin.id, at: now).map { "\"\($0.rawValue)\"" }
        if let zone = origin.zone { members.append(text("zone", zone.text)) }
        if !origin.labels.isEmpty {
            let labels = origin.labels.sorted { $0.key < $1.key }.map { text(JSONText.escaped($0.key), $0.value) }
            members.append("\"labels\":{\(labels.joined(separator: ","))}")
        }
        members += [
            "\"streams\":\(origins.streams(of: origin.id))", "\"weight\":\(origin.weight.value)",
            "\"load\":\(routing.router.load(of: OriginOffer(origin), in: origins))",
            "\"failing\":[\(failing.joined(separator: ","))]",
            "\"failures\":{\(reasons.joined(separator: ","))}", "\"full\":[\(full.joined(separator: ","))]",
            "\"sessions\":{\(routing.records.all(of: origin.id).map(record).joined(separator: ","))}",
        ]
        if let connections = origin.load.connections { members.append("\"connections\":\(connections)") }
        if let percent = origin.load.processorPercent { members.append("\"cpu_percent\":\(percent)") }
        if let interval = origin.rhythm.interval { members.append("\"interval_ms\":\(milliseconds(interval))") }
        if origin.liveness != .fixed { members.append("\"last_beat_ms\":\(milliseconds(now - origin.rhythm.last))") }
        return "{\(members.joined(separator: ","))}"
    }

    private static func record(_ service: OriginService, _ record: OriginRecord) -> String {
        var members = [
            "\"open\":\(record.open)", "\"attempts\":\(record.attempts)", "\"failures\":\(record.failures)",
        ]
        if let time = record.answerTime { members.append("\"answer_ms\":\(milliseconds(time))") }
        return "\"\(service.rawValue)\":{\(members.joined(separator: ","))}"
    }

    /// Why a service is out, for how long it has been, and in what time it is tried again.
    private static func failure(_ service: OriginService, _ failure: ServiceFailure, at now: Instant) -> String {
        let members = [
            text("reason", failure.fault.rawValue), "\"attempts\":\(failure.count)",
            "\"since_ms\":\(max(milliseconds(now - failure.since), 0))",
            "\"retry_ms\":\(max(milliseconds(failure.retry - now), 0))",
        ]
        return "\"\(service.rawValue)\":{\(members.joined(separator: ","))}"
    }

    private static func text(_ name: String, _ value: String) -> String { ListingText.member(name, value) }

    private static func milliseconds(_ duration: Duration) -> Int64 { ListingText.milliseconds(duration) }
}

extension Endpoint {
    /// Where it is reached, with the origin's own host where it names none.
    fileprivate func address(of own: HostName) -> String {
        Endpoint(transport: transport, host: host ?? own, port: port).text
    }
}
