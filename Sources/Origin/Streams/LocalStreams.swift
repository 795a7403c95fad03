package import Media
package import Reactor
import Service

/// The renditions that viewers on one loop watch.
package final class LocalStreams {
    package let loop: EventLoop
    package let table: StreamTable
    private var renditions: [StreamKey: [RenditionKind: Rendition]] = [:]
    /// Who publishes and plays on this loop.
    var clients: Roster<any ListedClient>
    /// What is published on this loop.
    var publications: Roster<PublishedStream>
    private var published: [StreamKey: RosterID] = [:]
    private var past: HostPast

    package init(_ table: StreamTable, on loop: EventLoop) {
        self.table = table
        self.loop = loop
        clients = Roster(loop: loop.handle.index)
        publications = Roster(loop: loop.handle.index)
        past = HostPast(at: loop.now)
    }

    package var renditionCount: Int { renditions.values.reduce(0) { $0 + $1.count } }

    /// A viewer comes. What there is to begin with is sent at once, or as soon as the publisher's loop has made it. Nil
    /// where there are too many streams.
    package func subscribe(
        _ sink: any SubscriberSink, to key: StreamKey, _ kind: RenditionKind, policy: StreamPolicy
    ) -> Subscriber? {
        if let rendition = renditions[key]?[kind] { return rendition.add(sink) }
        guard let rendition = begin(key, kind, policy) else { return nil }
        return rendition.add(sink)
    }

    private func begin(_ key: StreamKey, _ kind: RenditionKind, _ policy: StreamPolicy) -> Rendition? {
        let id = table.makeID()
        let rendition = Rendition(policy: policy, at: loop.now)
        let backlog = OutletBacklog(maximum: policy.maximumBacklogBytes)
        let port = loop.port { (delivery: Delivery) in
            if case .segments(_, _, let byteCount) = delivery { backlog.leave(byteCount) }
            rendition.receive(delivery)
        }
        let outlet = Outlet(id: id, kind: kind, port: port, backlog: backlog)
        guard table.attach(outlet, to: key, from: loop) else {
            loop.close(port)
            return nil
        }
        renditions[key, default: [:]][kind] = rendition
        rendition.abandoned = { [unowned self, unowned rendition] in
            table.detach(id, from: key, sent: rendition.sentBytes, on: loop)
            past.add(ByteRates.Totals(sent: rendition.sentBytes), to: key.vhost)
            loop.close(port)
            renditions[key]?[kind] = nil
            if renditions[key]?.isEmpty ?? false { renditions[key] = nil }
        }
        return rendition
    }

    // MARK: - For operators

    func list(_ stream: PublishedStream) {
        published[stream.publication.key] = publications.add(stream, at: loop.now)
    }

    /// The publisher of `key` has gone.
    func unlist(_ key: StreamKey) {
        guard let id = published.removeValue(forKey: key) else { return }
        if let bytes = publications.member(id)?.publication.receivedBytes {
            past.add(ByteRates.Totals(received: bytes), to: key.vhost)
        }
        publications.remove(id)
    }

    /// What `hosts` have to do on this loop; it looks at each stream once.
    func loads(of hosts: [String]) -> [HostLoad] {
        var loads = Dictionary(hosts.map { ($0, HostLoad()) }, uniquingKeysWith: { first, _ in first })
        for stream in publications.members {
            let host = stream.publication.key.vhost
            loads[host]?.streams += 1
            loads[host]?.clients += 1
            loads[host]?.totals.received += stream.publication.receivedBytes
        }
        for (key, kinds) in renditions where loads[key.vhost] != nil {
            for rendition in kinds.values {
                loads[key.vhost]?.clients += rendition.subscribers.count
                loads[key.vhost]?.totals.sent += rendition.sentBytes
            }
        }
        return hosts.map { host in
            var load = loads[host] ?? HostLoad()
            past.complete(&load, of: host, at: loop.now)
            return load
        }
    }

    /// Who views `key` on this loop.
    func audience(of key: StreamKey) -> Audience {
        var audience = Audience()
        for rendition in (renditions[key] ?? [:]).values {
            audience.viewers += rendition.subscribers.count
            audience.sent += rendition.sentBytes
            audience.sentRate += rendition.sentRate(at: loop.now)
        }
        return audience
    }
}
