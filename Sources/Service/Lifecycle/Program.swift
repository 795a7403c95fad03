package import Reactor
package import Telemetry

/// A program between its configuration and its end: loops, threads for what blocks, and who it is.
package struct Program: Sendable {
    /// What `serve` is told besides what runs on the loops.
    package struct Setting: Sendable {
        package var patience: Lifecycle.Patience
        /// Where it is told that clients are served.
        package var readyDescriptor: Int32?
        /// Those whose files are read again at SIGHUP.
        package var certificates: [TLSServerContext]

        package init(patience: Lifecycle.Patience, readyDescriptor: Int32?, certificates: [TLSServerContext?]) {
            self.patience = patience
            self.readyDescriptor = readyDescriptor
            self.certificates = certificates.compactMap(\.self)
        }
    }

    package let loops: LoopGroup
    /// Threads for what would block a loop.
    package let blocking: BlockingPool
    /// As many as the system allows.
    package let openFiles: Int
    package let identity: ServerIdentity
    package let phase = ProgramPhase()

    /// Starts the threads; `loopCount` is one per processor where it is nil.
    package init(loopCount: Int?, identity: ServerIdentity = ServerIdentity(), log: LogSink) throws {
        openFiles = ResourceLimits.raiseOpenFiles()
        loops = try LoopGroup(count: loopCount ?? ProcessorCount.available, log: log.logger(.reactor))
        blocking = try BlockingPool(name: "blocking")
        self.identity = identity
    }

    /// Makes a member on every loop, then serves until a signal ends it; returns the status to exit with. `started`
    /// runs on the first loop when every member is there, and says whom to tell of the end.
    package func serve(
        _ plan: ListenPlan, _ setting: Setting, log: Logger,
        member: @escaping @Sendable (EventLoop) throws -> LoopMember,
        started: @escaping @Sendable (EventLoop) throws -> Announcements?
    ) -> Int32 {
        let outcome = ProgramOutcome()
        let starting = loops.loops[0].run { first in
            do {
                var members: [LoopMember] = []
                for loop in loops.loops { members.append(try await loop.run { try member($0.loop) }.value) }
                plan.release()
                try beginLife(on: first.loop, members, try started(first.loop), setting, outcome, log)
                phase.value = .serving
                Banner.log(plan, identity, loops: loops.loops.count, openFiles: openFiles, to: log)
                if let descriptor = setting.readyDescriptor {
                    try ReadyNotice.send(plan, to: descriptor, blocking)
                }
            } catch {
                log.error("cannot start", ["reason": "\(error)"])
                outcome.status = 1
                for loop in loops.handles { loop.requestStop() }
            }
        }
        loops.join()
        // Nobody waits for these any more, and the time to end in may be over.
        blocking.shutdown(within: .milliseconds(100))
        starting.cancel()
        return outcome.status
    }

    private func beginLife(
        on loop: EventLoop, _ members: [LoopMember], _ announcements: Announcements?, _ setting: Setting,
        _ outcome: ProgramOutcome, _ log: Logger
    ) throws(SystemError) {
        let certificates = CertificateReload(on: loop, blocking, log: log, contexts: setting.certificates)
        try Lifecycle(
            on: loop, loops: loops.handles, members: members, phase: phase, patience: setting.patience,
            announcements: announcements, outcome: outcome, log: log, reload: certificates.request)
    }
}
