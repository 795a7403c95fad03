/// The load in the `summaries` of a heartbeat: what is there and makes sense, and nothing of the rest.
struct SummarisedLoad: Decodable {
    let load: OriginLoad

    private enum Key: String, CodingKey {
        case data, system
        case connections = "conn_srs"
        case processor = "cpu_percent"
    }

    /// No origin has more connections than there are ports and addresses for.
    private static let maximumConnections = 1_000_000_000

    init(from decoder: any Decoder) throws {
        let system = try decoder.container(keyedBy: Key.self)
            .nestedContainer(keyedBy: Key.self, forKey: .data)
            .nestedContainer(keyedBy: Key.self, forKey: .system)
        let connections = Self.number(.connections, in: system)
        let processor = Self.number(.processor, in: system)
        load = OriginLoad(
            connections: connections.map { Int(min(max($0, 0), Double(Self.maximumConnections))) },
            // SRS says percent and means a part of 1.
            processorPercent: processor.map { Int((min(max($0, 0), 1) * 100).rounded()) })
    }

    /// A number, or a text that is one; neither infinite nor no number.
    private static func number(_ key: Key, in system: KeyedDecodingContainer<Key>) -> Double? {
        let number =
            (try? system.decode(Double.self, forKey: key))
            ?? (try? system.decode(String.self, forKey: key)).flatMap(Double.init)
        return number.flatMap { $0.isFinite ? $0 : nil }
    }
}
