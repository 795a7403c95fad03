import Bytes
package import Media
import Reactor

/// Who has a stream, as it is kept: the epoch, a space, and the owner in lines: origin, service, process.
extension StreamClaim {
    package init?(_ key: StreamKey, shared value: String) {
        // By bytes: with a mark that a name begins with, a space would be one character.
        guard let space = value.utf8.firstIndex(of: UInt8(ascii: " ")), let epoch = UInt64(shared: value[..<space])
        else {
            return nil
        }
        guard let owner = readSharedOwner(value[value.utf8.index(after: space)...]) else { return nil }
        self.init(key: key, origin: owner.origin, instance: owner.instance, epoch: epoch)
    }

    package var sharedOwner: String { Self.sharedOwner(origin, instance) }

    var sharedTable: SharedTable { SharedTable(claimOf: key) }

    /// Texts of heartbeats hold no control characters, so that lines are safe.
    static func sharedOwner(_ origin: OriginID, _ instance: OriginInstance) -> String {
        "\(origin.text)\n\(instance.service)\n\(instance.process)"
    }
}

/// Where a route leads, as it is kept: as the owner of a claim.
extension Route {
    package init?(_ key: RouteKey, shared value: String) {
        guard let owner = readSharedOwner(value[...]) else { return nil }
        self.init(key: key, origin: owner.origin, instance: owner.instance)
    }

    package var sharedOwner: String { StreamClaim.sharedOwner(origin, instance) }

    var sharedTable: SharedTable { SharedTable(routeOf: key) }
}

private func readSharedOwner(_ text: Substring) -> (origin: OriginID, instance: OriginInstance)? {
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .map { String(Substring($0)) }
    guard lines.count == 3 else { return nil }
    return (OriginID(lines[0]), OriginInstance(service: lines[1], process: lines[2]))
}

/// What is known of an origin.
package struct SharedOrigin: Equatable {
    /// The server's milliseconds.
    package let beaten: UInt64
    package let instance: OriginInstance
    package let past: OriginPast
    package let heartbeat: Heartbeat

    /// See `SharedOriginLines`.
    package init?(_ value: String) {
        guard let lines = SharedOriginLines(value), let heartbeat = lines.parsed,
            let origin = lines.origin(heartbeat)
        else { return nil }
        self = origin
    }

    fileprivate init(_ lines: SharedOriginLines, _ heartbeat: Heartbeat) {
        beaten = lines.beaten
        instance = lines.instance
        past = lines.past
        self.heartbeat = heartbeat
    }

    /// Without what the server puts in front.
    package static func text(_ heartbeat: Heartbeat, _ past: OriginPast) -> String {
        "\(past.shared) \(heartbeat.load.shared)\n\(heartbeat.sharedJSON)"
    }

    /// How long ago that was, at the server's time in microseconds.
    func age(at time: UInt64) -> Duration {
        .milliseconds(Int64(clamping: time / 1_000 > beaten ? time / 1_000 - beaten : 0))
    }
}

/// What is known of an origin, as it is kept, in lines: when it has beaten and which start of it; how often it beats,
/// how long it has been there, and its load; what else it says, which is mostly what it has said before.
struct SharedOriginLines {
    let beaten: UInt64
    let instance: OriginInstance
    let past: OriginPast
    let load: OriginLoad
    let said: Substring

    /// Looks at all but what is said.
    init?(_ value: String) {
        // By bytes: with a mark that a name begins with, a space would be one character.
        let lines = value.utf8
            .split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false).map(Substring.init)
        guard lines.count == 3, let space = lines[0].utf8.firstIndex(of: UInt8(ascii: " ")),
            let beaten = UInt64(shared: lines[0][..<space]),
            let instance = OriginInstance(shared: lines[0][lines[0].utf8.index(after: space)...])
        else { return nil }
        let words = lines[1].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 4, let past = OriginPast(shared: words[0], words[1]),
            let load = OriginLoad(shared: words[2], words[3])
        else { return nil }
        self.beaten = beaten
        self.instance = instance
        self.past = past
        self.load = load
        said = lines[2]
    }

    /// What is said, without the load; nil for what is no heartbeat.
    var parsed: Heartbeat? { try? Heartbeat(json: SharedBytes(String(said))) }

    /// With what these lines say; nil for what another start of the origin has said.
    func origin(_ heartbeat: Heartbeat) -> SharedOrigin? {
        guard heartbeat.instance == instance else { return nil }
        var heartbeat = heartbeat
        heartbeat.load = load
        return SharedOrigin(self, heartbeat)
    }
}

extension OriginPast {
    /// Milliseconds; no interval is 0.
    fileprivate var shared: String {
        [interval ?? .zero, presence].map { "\(UInt32(clamping: $0.nanoseconds / 1_000_000))" }.joined(separator: " ")
    }

    fileprivate init?(shared interval: Substring, _ presence: Substring) {
        guard let interval = UInt32(interval), let presence = UInt32(presence) else { return nil }
        self.init(interval: interval == 0 ? nil : .milliseconds(interval), presence: .milliseconds(presence))
    }
}

extension OriginLoad {
    /// Connections and percent, or `-` where nothing is said of them.
    fileprivate var shared: String {
        [connections, processorPercent].map { number in number.map { "\($0)" } ?? "-" }.joined(separator: " ")
    }

    fileprivate init?(shared connections: Substring, _ percent: Substring) {
        self.init()
        if connections != "-" {
            guard let number = UInt32(connections) else { return nil }
            self.connections = Int(number)
        }
        if percent != "-" {
            guard let number = UInt32(percent), number <= 100 else { return nil }
            processorPercent = Int(number)
        }
    }
}

extension OriginInstance {
    /// In one line.
    package var shared: String { "\(service)\t\(process)" }

    init?(shared text: Substring) {
        let parts = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        self.init(service: parts[0], process: parts[1])
    }
}
