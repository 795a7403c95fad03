package import Reactor

/// The address of one rendition on one loop: where the publisher's side sends what viewers there want.
package struct Outlet: Sendable {
    package let id: UInt64
    package let kind: RenditionKind
    package let port: LoopPort<Delivery>
    /// What the publisher's loop has sent and this one has not got.
    package let backlog: OutletBacklog

    package init(id: UInt64, kind: RenditionKind, port: LoopPort<Delivery>, backlog: OutletBacklog) {
        self.id = id
        self.kind = kind
        self.port = port
        self.backlog = backlog
    }
}

/// What comes to an outlet.
package enum Delivery: Sendable {
    /// A publisher's stream from here on; nothing of what came before goes on. What there is to begin with comes along,
    /// and the number of the segment that will be next.
    case began([Segment], next: UInt64)
    /// More of it, and the number of the first: a loop that was too busy has missed some. What it comes to is in the
    /// backlog of the outlet.
    case segments([Segment], number: UInt64, byteCount: Int)
    /// The publisher has gone; another may come.
    case ended
}

/// What a publisher's loop is told of the outlets.
package enum OutletChange: Sendable {
    case attached(Outlet)
    /// `sent` is what its viewers were given.
    case detached(id: UInt64, sent: UInt64)
}
