import Bytes
import Glibc
package import Reactor

/// What a program says of itself: the same for as long as it runs. To be made when it works where it is going to.
package struct ProgramFacts: Sendable {
    let version: String
    let process: Int32
    let arguments: String
    let directory: String
    let began: Instant

    package init(version: String, process: Int32) {
        self.version = version
        self.process = process
        arguments = CommandLine.arguments.joined(separator: " ")
        directory = Self.currentDirectory()
        began = MonotonicClock.now()
    }

    private static func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        // Safe: getcwd has allocated it, and ended it with a zero byte.
        return String(cString: path)
    }
}

/// Finds out, for one loop, how a program is: the machine and the process as the kernel shows them, what the program
/// says of itself, and what it counts.
package final class ProgramSampler {
    private let facts: ProgramFacts
    private let loop: EventLoop
    private let machine: HostSampler
    private let service: () -> HeartbeatSummaries.Service

    package init(
        _ facts: ProgramFacts, on loop: EventLoop, pool: BlockingPool,
        service: @escaping () -> HeartbeatSummaries.Service
    ) {
        self.facts = facts
        self.loop = loop
        self.service = service
        machine = HostSampler(on: loop, pool: pool)
    }

    /// `then` is called on the loop, once, and never inside this call; with nil where no thread is free to look.
    package func sample(_ then: @escaping (HeartbeatSummaries?) -> Void) {
        machine.sample { summaries in then(summaries.map(self.complete)) }
    }

    private func complete(_ machine: HeartbeatSummaries) -> HeartbeatSummaries {
        var summaries = machine
        summaries.own.version = facts.version
        summaries.own.process = facts.process
        summaries.own.arguments = facts.arguments
        summaries.own.directory = facts.directory
        summaries.own.uptimeSeconds = (loop.now - facts.began).components.seconds
        summaries.service = service()
        return summaries
    }
}
