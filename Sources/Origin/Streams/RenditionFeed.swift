import Reactor

/// One kind of rendition on the publisher's side: its writer, and the loops that it is written for.
final class RenditionFeed {
    let writer: RenditionWriter
    private var outlets: [Outlet] = []
    /// Segments since the writer began.
    private var sent: UInt64 = 0

    init(_ writer: RenditionWriter) { self.writer = writer }

    var isEmpty: Bool { outlets.isEmpty }

    /// Hands out what has been written since the last time.
    func flush(from loop: EventLoop) {
        let segments = writer.take()
        guard !segments.isEmpty else { return }
        let byteCount = segments.reduce(0) { $0 + $1.byteCount }
        let delivery = Delivery.segments(segments, number: sent, byteCount: byteCount)
        for outlet in outlets {
            // Not sent where that loop stands still or is drowned: the next number tells it what it has missed.
            guard outlet.backlog.enter(byteCount) else { continue }
            if !loop.send(delivery, to: outlet.port) { outlet.backlog.leave(byteCount) }
        }
        sent += UInt64(segments.count)
    }

    func add(_ outlet: Outlet, beginningWith segments: [Segment], from loop: EventLoop) {
        outlets.append(outlet)
        // What is told once to an outlet is bounded by their number, and never refused.
        loop.answer(.began(segments, next: sent), to: outlet.port)
    }

    func remove(_ id: UInt64) { outlets.removeAll { $0.id == id } }

    func end(from loop: EventLoop) {
        for outlet in outlets { loop.answer(.ended, to: outlet.port) }
    }
}
