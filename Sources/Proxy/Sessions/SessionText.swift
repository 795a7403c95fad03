import Bytes
import Media
import Reactor
import Registry
import Service

/// Sessions and loops as the system API writes them.
enum SessionText {
    static func session(_ session: SessionSummary) -> String {
        let facts = session.facts
        var members = [
            ListingText.member("id", session.id.description), ListingText.member("kind", facts.kind.rawValue),
            ListingText.member("stream", facts.key.description),
            "\"publish\":\(facts.kind.isPublisher)",
        ]
        if let origin = facts.origin { members.append(ListingText.member("server", origin.text)) }
        if let peer = facts.peer { members.append(ListingText.member("peer", peer.description)) }
        members += [
            "\"age_ms\":\(ListingText.milliseconds(session.age))", "\"recv_bytes\":\(session.totals.received)",
            "\"send_bytes\":\(session.totals.sent)",
            "\"kbps\":{\"recv_30s\":\(session.rates.received),\"send_30s\":\(session.rates.sent)}",
        ]
        return "{\(members.joined(separator: ","))}"
    }

    static func loop(_ index: Int, _ state: LoopState?) -> String {
        guard let state else { return "{\"loop\":\(index),\"answers\":false}" }
        let statistics = state.statistics
        let members = [
            "\"loop\":\(index)", "\"answers\":true", "\"rounds\":\(statistics.rounds)",
            "\"events\":\(statistics.events)", "\"busy_ms\":\(statistics.busyNanoseconds / 1_000_000)",
            "\"lag_us\":\(state.lag.nanoseconds / 1_000)", "\"timers\":\(state.armedTimers)",
            "\"descriptors\":\(state.watchedDescriptors)", "\"connections\":\(statistics.tcpOpen)",
            "\"accepted\":\(statistics.tcpAccepted)", "\"connected\":\(statistics.tcpConnected)",
            "\"refused\":\(statistics.tcpRefused)", "\"recv_bytes\":\(statistics.bytesReceived)",
            "\"send_bytes\":\(statistics.bytesSent)", "\"mail_refused\":\(state.refusedMail)",
            "\"sessions\":\(state.sessions)",
        ]
        return "{\(members.joined(separator: ","))}"
    }
}
