import Bytes
package import Media
import Reactor

/// Who has a stream, as it is kept: the epoch, a space, and the owner in lines: origin, service, process.
extension StreamClaim {
    package init?(_ key: StreamKey, shared value: String) {
        // By bytes: with a mark that a name begins with, a space would be one character.
        guard let space = value.utf8.firstIndex(of: UInt8(ascii: " ")), let epoch = UInt64(value[..<space]) else {
            return nil
        }
        let lines = value[value.utf8.index(after: space)...].utf8
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard lines.count == 3 else { return nil }
        self.init(
            key: key, origin: OriginID(lines[0]),
            instance: OriginInstance(service: lines[1], process: lines[2]), epoch: epoch)
    }

    package var sharedOwner: String { Self.sharedOwner(origin, instance) }

    /// Texts of heartbeats hold no control characters, so that lines are safe.
    static func sharedOwner(_ origin: OriginID, _ instance: OriginInstance) -> String {
        "\(origin.text)\n\(instance.service)\n\(instance.process)"
    }
}

/// What is known of an origin, as it is kept, in lines: when it has beaten and which start of it; how often it beats and how
/// long it has been there; its heartbeat.
package struct SharedOrigin: Equatable {
    /// The server's milliseconds.
    package let beaten: UInt64
    package let instance: OriginInstance
    package let past: OriginPast
    package let heartbeat: Heartbeat

    package init?(_ value: String) {
        let lines = value.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3, let space = lines[0].utf8.firstIndex(of: UInt8(ascii: " ")),
            let beaten = UInt64(lines[0][..<space]),
            let instance = OriginInstance(shared: lines[0][lines[0].utf8.index(after: space)...]),
            let past = OriginPast(shared: lines[1]),
            let heartbeat = try? Heartbeat(json: SharedBytes(String(lines[2]))),
            heartbeat.instance == instance
        else { return nil }
        self.beaten = beaten
        self.instance = instance
        self.past = past
        self.heartbeat = heartbeat
    }

    /// Without what the server puts in front. A farewell has no text.
    package static func text(_ heartbeat: Heartbeat, _ past: OriginPast) -> String {
        "\(past.shared)\n\(heartbeat.sharedJSON)"
    }

    /// How long ago that was, at the server's time in microseconds.
    func age(at time: UInt64) -> Duration {
        .milliseconds(Int64(clamping: time / 1_000 > beaten ? time / 1_000 - beaten : 0))
    }
}

extension OriginPast {
    /// Milliseconds; no interval is 0.
    fileprivate var shared: String {
        [interval ?? .zero, presence].map { "\(UInt32(clamping: $0.nanoseconds / 1_000_000))" }.joined(separator: " ")
    }

    fileprivate init?(shared text: Substring) {
        let numbers = text.split(separator: " ").map { UInt32($0) }
        guard numbers.count == 2, let interval = numbers[0], let presence = numbers[1] else { return nil }
        self.init(interval: interval == 0 ? nil : .milliseconds(interval), presence: .milliseconds(presence))
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
