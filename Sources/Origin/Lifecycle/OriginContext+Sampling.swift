import Reactor
import Registry
import Service

extension OriginContext {
    /// How this origin is, for one loop.
    func sampler(on loop: EventLoop) -> ProgramSampler {
        ProgramSampler(facts, on: loop, pool: program.blocking) {
            var service = HeartbeatSummaries.Service()
            service.receivedBytes = loopMetrics.bytesReceived
            service.sentBytes = loopMetrics.bytesSent
            service.connections = publicPlaces.openCount
            return service
        }
    }
}
