import Bytes
import HTTPTransport
import Reactor
import Registry
import Service

/// Origins as operators see them.
enum OriginListing {
    /// Which part of the list is asked for; as in SRS's lists, but bounded, for the loop makes it in one go.
    struct Page {
        static let maximumCount = 100

        let start: Int
        let count: Int

        /// What is no number counts as not given.
        init(start: String?, count: String?) {
            self.start = max(start.flatMap { Int($0) } ?? 0, 0)
            self.count = min(max(count.flatMap { Int($0) } ?? Self.maximumCount, 0), Self.maximumCount)
        }
    }

    static func text(_ origins: [Origin], _ page: Page, _ identity: ServerIdentity, at now: Instant) -> SharedBytes {
        let ordered = origins.sorted { $0.id.text < $1.id.text }
        let entries = ordered.dropFirst(page.start).prefix(page.count).map { entry($0, at: now) }
        return SharedBytes(
            "{\(identity.envelope),\"data\":{\"total\":\(origins.count),\"origins\":[\(entries.joined(separator: ","))]}}"
        )
    }

    private static func entry(_ origin: Origin, at now: Instant) -> String {
        var members = [
            text("server", origin.id.text), text("service", origin.instance.service),
            text("pid", origin.instance.process), text("device_id", origin.device ?? ""),
            text("ip", origin.host.description), text("state", origin.liveness.state.rawValue),
        ]
        for (name, endpoints) in origin.endpoints.named where !endpoints.isEmpty {
            let addresses = endpoints.map { "\"\(JSONText.escaped($0.address(of: origin.host)))\"" }
            members.append("\"\(name)\":[\(addresses.joined(separator: ","))]")
        }
        if let interval = origin.rhythm.interval { members.append("\"interval_ms\":\(milliseconds(interval))") }
        if origin.liveness != .fixed { members.append("\"last_beat_ms\":\(milliseconds(now - origin.rhythm.last))") }
        return "{\(members.joined(separator: ","))}"
    }

    private static func text(_ name: String, _ value: String) -> String { "\"\(name)\":\"\(JSONText.escaped(value))\"" }

    private static func milliseconds(_ duration: Duration) -> Int64 { duration.nanoseconds / 1_000_000 }
}

extension OriginEndpoints {
    /// As heartbeats name them.
    fileprivate var named: [(String, [Endpoint])] {
        [("rtmp", rtmp), ("http", http), ("api", api), ("srt", srt), ("rtc", webRTC), ("rtsp", rtsp)]
    }
}

extension Endpoint {
    /// Where it is reached, with the origin's own host where it names none.
    fileprivate func address(of own: HostName) -> String {
        let host = host ?? own
        let isIPv6 = if case .address(.v6) = host { true } else { false }
        let prefix = transport.map { "\($0.rawValue)://" } ?? ""
        return isIPv6 ? "\(prefix)[\(host)]:\(port)" : "\(prefix)\(host):\(port)"
    }
}
