package import Bytes

/// Where a viewer's bytes go: one connection.
package protocol SubscriberSink: AnyObject {
    /// Whether more is waiting than the connection wants to hold; it calls `Subscriber.drained` when that is gone.
    var isBlocked: Bool { get }
    func enqueue(_ bytes: SharedBytes)
    func flush()
    /// The publisher has gone; another may come.
    func publisherEnded()
}

/// One viewer of a rendition: a cursor, and a connection.
package final class Subscriber {
    /// The number of the next segment; nil while it waits for one to begin with.
    package internal(set) var cursor: UInt64?
    /// Times that it was too slow and went on at a later key frame.
    package internal(set) var skips = 0

    unowned let sink: any SubscriberSink
    /// Cleared where it leaves.
    private var rendition: Rendition?
    var index = 0
    /// Of the head that was sent last, or of what was sent since; nil where another publisher's was.
    var headVersion: UInt64?
    var hasBegun = false
    /// Whether the next segment follows on the last one that was sent.
    var isContinuous = false

    init(_ sink: any SubscriberSink, of rendition: Rendition) {
        self.sink = sink
        self.rendition = rendition
    }

    /// The connection takes bytes again.
    package func drained() { rendition?.feed(self) }

    /// Call it before the sink goes.
    package func leave() {
        rendition?.remove(self)
        rendition = nil
    }
}
