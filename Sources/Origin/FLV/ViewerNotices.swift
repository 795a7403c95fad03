import Media
import Reactor
import Telemetry

/// Tells of the viewers by HTTP that were ended from here, on one loop; at most once a second of each reason.
final class ViewerNotices {
    private let log: Logger
    private var slow = RepeatGate()
    private var silent = RepeatGate()

    init(_ log: Logger) { self.log = log }

    func tell(_ cut: OriginMetrics.ViewerCut, _ client: ClientFacts, on loop: EventLoop) {
        let fields: LogFields = ["stream": client.key.description, "peer": client.address]
        switch cut {
        case .slow: log.warning("viewer is too slow, closed", every: &slow, at: loop.now, fields)
        case .silent: log.info("viewer answers no ping, closed", every: &silent, at: loop.now, fields)
        // It is told so itself.
        case .unpublished: break
        }
    }
}

extension OriginMetrics.ViewerCut {
    /// Nil where the end of a connection was the viewer's own doing, or the program's.
    init?(_ reason: TCPCloseReason) {
        switch reason {
        case .timeout(.write), .outputOverflow: self = .slow
        case .timeout(.owner): self = .silent
        case .closed, .aborted, .reset, .timeout(.handshake), .timeout(.idle), .failed, .tls, .shutdown: return nil
        }
    }
}
