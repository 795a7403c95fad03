/// What an RTMP session is for.
enum RelayPurpose: String, RelayKind {
    case publish, play

    static let metricPrefix = "sluice_rtmp_relay"
    static let label = "purpose"
    static let openHelp = "RTMP sessions relayed now."
    static let requestsHelp = "Requests to publish and to play, by what became of them."
}
