import Reactor
import Registry

extension ProxyContext {
    /// How this proxy is, for one loop.
    func sampler(on loop: EventLoop) -> ProgramSampler {
        ProgramSampler(facts, on: loop, pool: blocking) {
            var service = HeartbeatSummaries.Service()
            service.receivedBytes = loopMetrics.bytesReceived
            service.sentBytes = loopMetrics.bytesSent
            service.connections = places(of: .media).openCount
            return service
        }
    }
}
