import Media
import Service

/// Streams, clients and virtual hosts as SRS's API writes them.
enum DirectoryText {
    static func stream(_ stream: StreamSummary) -> String {
        let members = [
            ListingText.member("id", stream.id.description), ListingText.member("name", stream.key.stream),
            ListingText.member("vhost", stream.key.vhost), ListingText.member("app", stream.key.app),
            ListingText.member("tcUrl", stream.tcURL), ListingText.member("url", url(of: stream.key)),
            "\"live_ms\":\(ListingText.milliseconds(stream.live))", "\"clients\":\(stream.clients)",
            "\"frames\":\(stream.frames)", traffic(stream.totals, stream.rates),
            "\"publish\":{\"active\":true,\(ListingText.member("cid", stream.publisher.description))}",
            "\"video\":\(stream.video.map(video) ?? "null")", "\"audio\":\(stream.audio.map(audio) ?? "null")",
        ]
        return "{\(members.joined(separator: ","))}"
    }

    static func client(_ client: ClientSummary) -> String {
        let facts = client.facts
        let members = [
            ListingText.member("id", client.id.description), ListingText.member("vhost", facts.key.vhost),
            ListingText.member("stream", facts.key.description), ListingText.member("ip", facts.address),
            ListingText.member("pageUrl", facts.pageURL), ListingText.member("swfUrl", facts.swfURL),
            ListingText.member("tcUrl", facts.tcURL), ListingText.member("url", url(of: facts.key)),
            ListingText.member("name", facts.key.stream), ListingText.member("type", facts.kind.rawValue),
            "\"publish\":\(facts.kind == .publisher)", "\"alive\":\(seconds(client.alive))",
            traffic(client.totals, client.rates),
        ]
        return "{\(members.joined(separator: ","))}"
    }

    /// A host is called what it is configured as.
    static func host(_ host: HostSummary) -> String {
        let members = [
            ListingText.member("id", host.name), ListingText.member("name", host.name), "\"enabled\":\(host.isServed)",
            "\"clients\":\(host.load.clients)", "\"streams\":\(host.load.streams)",
            traffic(host.load.totals, host.load.rates), "\"hls\":{\"enabled\":false}",
        ]
        return "{\(members.joined(separator: ","))}"
    }

    private static func url(of key: StreamKey) -> String { "/\(key.app)/\(key.stream)" }

    private static func traffic(_ totals: ByteRates.Totals, _ rates: ByteRates.Kilobits) -> String {
        "\"send_bytes\":\(totals.sent),\"recv_bytes\":\(totals.received),"
            + "\"kbps\":{\"recv_30s\":\(rates.received),\"send_30s\":\(rates.sent)}"
    }

    /// With three decimals, as SRS has it.
    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = max(ListingText.milliseconds(duration), 0)
        let decimals = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - decimals.count))\(decimals)"
    }

    private static func video(_ facts: VideoFacts) -> String {
        let members = [
            ListingText.member("codec", facts.codec.name), ListingText.member("profile", facts.profile ?? ""),
            ListingText.member("level", facts.level ?? ""), "\"width\":\(facts.size?.width ?? 0)",
            "\"height\":\(facts.size?.height ?? 0)",
        ]
        return "{\(members.joined(separator: ","))}"
    }

    private static func audio(_ facts: AudioFacts) -> String {
        let members = [
            ListingText.member("codec", facts.codec.name), "\"sample_rate\":\(facts.sampleRate)",
            "\"channel\":\(facts.channels)", ListingText.member("profile", facts.profile ?? ""),
        ]
        return "{\(members.joined(separator: ","))}"
    }
}
