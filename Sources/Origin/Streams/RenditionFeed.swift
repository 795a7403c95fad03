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
        for outlet in outlets {
            // Refused where that loop is drowned: the next number tells it what it has missed.
            loop.send(.segments(segments, number: sent), to: outlet.port)
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
