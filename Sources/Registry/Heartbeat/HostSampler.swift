package import Reactor
import Telemetry

/// Finds out, for one loop and off it, how the machine and the process are, and what has changed since it was last
/// asked.
package final class HostSampler {
    private let loop: EventLoop
    private let pool: BlockingPool
    private var earlier: HostSample?

    package init(on loop: EventLoop, pool: BlockingPool) {
        self.loop = loop
        self.pool = pool
    }

    /// `then` is called on the loop, once, and never inside this call; with nil where the pool has no thread to spare.
    package func sample(_ then: @escaping (HeartbeatSummaries?) -> Void) {
        pool.run(on: loop, HostSample.read) { result in
            guard case .success(let sample) = result else { return then(nil) }
            let summaries = HeartbeatSummaries(sample, since: self.earlier)
            self.earlier = sample
            then(summaries)
        }
    }
}
