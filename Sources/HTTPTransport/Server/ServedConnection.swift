/// A connection that a server answers for: it counts, it is told when the server goes away, and `drain` waits for it.
protocol ServedConnection: AnyObject {
    /// Where it stands in `HTTPServer.connections`; the server's own.
    var position: Int { get set }

    /// The server goes away: end as soon as the protocol allows.
    func shutDown()

    /// Break off now.
    func abort()
}
