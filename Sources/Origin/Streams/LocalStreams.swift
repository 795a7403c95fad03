package import Media
package import Reactor

/// The renditions that viewers on one loop watch.
package final class LocalStreams {
    private struct Place: Hashable {
        let stream: StreamKey
        let kind: RenditionKind
    }

    package let loop: EventLoop
    package let table: StreamTable
    private var renditions: [Place: Rendition] = [:]

    package init(_ table: StreamTable, on loop: EventLoop) {
        self.table = table
        self.loop = loop
    }

    package var renditionCount: Int { renditions.count }

    /// A viewer comes. What there is to begin with is sent at once, or as soon as the publisher's loop has made it. Nil
    /// where there are too many streams.
    package func subscribe(
        _ sink: any SubscriberSink, to key: StreamKey, _ kind: RenditionKind, policy: StreamPolicy
    ) -> Subscriber? {
        let place = Place(stream: key, kind: kind)
        if let rendition = renditions[place] { return rendition.add(sink) }
        guard let rendition = begin(place, policy) else { return nil }
        return rendition.add(sink)
    }

    private func begin(_ place: Place, _ policy: StreamPolicy) -> Rendition? {
        let id = table.makeID()
        let rendition = Rendition(policy: policy)
        let backlog = OutletBacklog(maximum: policy.maximumBacklogBytes)
        let port = loop.port { (delivery: Delivery) in
            if case .segments(_, _, let byteCount) = delivery { backlog.leave(byteCount) }
            rendition.receive(delivery)
        }
        let outlet = Outlet(id: id, kind: place.kind, port: port, backlog: backlog)
        guard table.attach(outlet, to: place.stream, from: loop) else {
            loop.close(port)
            return nil
        }
        renditions[place] = rendition
        rendition.abandoned = { [unowned self] in
            table.detach(id, from: place.stream, on: loop)
            loop.close(port)
            renditions[place] = nil
        }
        return rendition
    }
}
