import Bytes
import Glibc
import HTTPTransport
import Reactor
import Registry
import Service

/// How this origin is, for one loop: the machine and the process as the kernel shows them, and what the origin counts.
final class OriginSampler {
    private let context: OriginContext
    private let loop: EventLoop
    private let machine: HostSampler

    init(_ context: OriginContext, on loop: EventLoop) {
        self.context = context
        self.loop = loop
        machine = HostSampler(on: loop, pool: context.program.blocking)
    }

    /// `then` is called on the loop, once, and never inside this call; with nil where no thread is free to look.
    func sample(_ then: @escaping (HeartbeatSummaries?) -> Void) {
        machine.sample { summaries in then(summaries.map(self.complete)) }
    }

    private func complete(_ machine: HeartbeatSummaries) -> HeartbeatSummaries {
        var summaries = machine
        summaries.own.version = Version.text
        summaries.own.process = context.program.identity.process
        summaries.own.arguments = context.commandLine
        summaries.own.directory = context.workDirectory
        summaries.own.uptimeSeconds = (loop.now - context.began).components.seconds
        summaries.service.receivedBytes = context.loopMetrics.bytesReceived
        summaries.service.sentBytes = context.loopMetrics.bytesSent
        summaries.service.connections = context.publicPlaces.openCount
        return summaries
    }
}
