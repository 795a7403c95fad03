import Glibc
import Reactor
import Service
import Telemetry

/// `sluice-proxy` from its arguments to its status.
package enum ProxyProgram {
    /// The status for a configuration that cannot be used, as sysexits(3) has it.
    private static var badConfiguration: Int32 { 78 }

    /// Blocks until the program has ended, and returns its status. Call it on the main thread, before any other runs.
    package static func run(arguments: [String]) -> Int32 {
        do throws(ConfigurationMistakes) {
            switch try Invocation.read(arguments: arguments) {
            case .help: return show(ConfigurationReference.help)
            case .reference: return show(ConfigurationReference.markdown)
            case .version: return show("sluice-proxy \(Version.text)\n")
            case .run(let checked): return serve(checked)
            }
        } catch {
            for mistake in error.mistakes { complain(mistake.description) }
            for warning in error.warnings { complain("warning: \(warning)") }
            return badConfiguration
        }
    }

    // Nothing else runs yet where these are called: a write that blocks is no harm.

    private static func show(_ text: String) -> Int32 {
        BlockingOutput.write(text, to: STDOUT_FILENO)
        return 0
    }

    private static func complain(_ text: String) {
        BlockingOutput.write("sluice-proxy: \(text)\n", to: STDERR_FILENO)
    }

    // MARK: - Serving

    private static func serve(_ checked: CheckedConfiguration) -> Int32 {
        let configuration = checked.configuration
        do {
            Signal.ignoreBrokenPipe()
            try SignalSource.block(Lifecycle.signals)
            let log = try LogSink(
                configuration.logging.format, filter: configuration.logging.filter,
                noColor: ProcessEnvironment.variables()["NO_COLOR"])
            defer { log.close(within: .milliseconds(400)) }
            return serve(checked, log)
        } catch {
            complain("cannot start: \(error)")
            return 1
        }
    }

    private static func serve(_ checked: CheckedConfiguration, _ sink: LogSink) -> Int32 {
        let log = sink.logger(.proxy)
        for warning in checked.warnings { log.warning("configuration", ["warning": warning.description]) }
        if !checked.withoutEffect.isEmpty {
            log.info("without effect in this version", ["variables": checked.withoutEffect.joined(separator: " ")])
        }
        do {
            lookForPages(checked.configuration, log)
            // Both are looked at before either ends the start: whoever mends the one shall not find the other next.
            let tls = makeTLS(checked.configuration)
            let plan = ListenPlan.reserve(checked.configuration.listeners.listenings)
            if case .failure(let failures) = plan {
                for failure in failures.failures { log.error("cannot listen", ["reason": failure.description]) }
            }
            if case .failure(let error) = tls {
                for problem in error.problems {
                    log.error("cannot use the certificate", ["reason": problem.description])
                }
            }
            switch (tls, plan) {
            case (.success(let tls), .success(let plan)): return try start(checked, plan, tls, sink)
            case (.failure, _): return badConfiguration
            case (.success, .failure): return 1
            }
        } catch {
            log.error("cannot start", ["reason": "\(error)"])
            return 1
        }
    }

    private static func start(
        _ checked: CheckedConfiguration, _ plan: ListenPlan, _ tls: TLSServerContext?, _ sink: LogSink
    ) throws -> Int32 {
        let configuration = checked.configuration
        let files = ResourceLimits.raiseOpenFiles()
        let group = try LoopGroup(
            count: configuration.limits.loops ?? ProcessorCount.available, log: sink.logger(.reactor))
        let blocking = try BlockingPool(name: "blocking")
        let share = DescriptorShare(
            wanted: configuration.limits.maximumConnections, openFiles: files, loops: group.loops.count,
            servesFiles: configuration.staticFiles != nil)
        share.warn(sink.logger(.proxy), "too few open files for PROXY_MAX_CONNECTIONS, it is lowered")
        let context = ProxyContext(
            configuration, loops: group.loops.count, share: share, log: sink, tls: tls, blocking: blocking)
        let outcome = ProgramOutcome()
        let starting = group.loops[0].run { first in
            let log = sink.logger(.proxy)
            do {
                var members: [LoopMember] = []
                for loop in group.loops {
                    members.append(
                        try await loop.run { try ProxyLoop(context, on: $0.loop, plan: plan).member }.value)
                }
                plan.release()
                try startLifecycle(context, on: first.loop, group.handles, members, outcome)
                OriginWatch(context, on: first.loop)
                context.phase.value = .serving
                Banner.log(plan, context.identity, loops: group.loops.count, openFiles: files, to: log)
                if let descriptor = checked.readyDescriptor { try ReadyNotice.send(plan, to: descriptor, blocking) }
            } catch {
                log.error("cannot start", ["reason": "\(error)"])
                outcome.status = 1
                for loop in group.handles { loop.requestStop() }
            }
        }
        group.join()
        // Nobody waits for these any more, and the time to end in may be over.
        blocking.shutdown(within: .milliseconds(100))
        starting.cancel()
        return outcome.status
    }

    private static func startLifecycle(
        _ context: ProxyContext, on loop: EventLoop, _ loops: [LoopHandle], _ members: [LoopMember],
        _ outcome: ProgramOutcome
    ) throws(SystemError) {
        let log = context.log.logger(.proxy)
        let certificates = CertificateReload(on: loop, context.blocking, log: log, read: context.tls?.reload)
        let shutdown = context.configuration.shutdown
        try Lifecycle(
            on: loop, loops: loops, members: members, phase: context.phase,
            patience: Lifecycle.Patience(grace: shutdown.grace, force: shutdown.force), outcome: outcome, log: log,
            reload: certificates.request)
    }

    /// Pages may come later, but a path with a slip in it would stay unseen.
    private static func lookForPages(_ configuration: ProxyConfiguration, _ log: Logger) {
        guard let path = configuration.staticFiles else { return }
        do throws(FileError) {
            _ = try FileOperation.status(of: path).now()
        } catch {
            return log.warning("the directory of pages is not there yet", ["path": path, "reason": "\(error)"])
        }
        do throws(FileError) {
            // As every request does it: a sandbox may have no openat2.
            _ = try FileOperation.find(".", below: path).now()
        } catch {
            log.error("pages cannot be served", ["path": path, "reason": "\(error)"])
        }
    }

    private static func makeTLS(
        _ configuration: ProxyConfiguration
    ) -> Result<TLSServerContext?, TLSConfigurationError> {
        guard configuration.listeners.https != nil, let certificate = configuration.tls.certificate,
            let key = configuration.tls.key
        else { return .success(nil) }
        let identity = TLSIdentity(certificates: .file(certificate), privateKey: .file(key))
        var server = TLSServerConfiguration(identities: [identity])
        server.applicationProtocols = ["http/1.1"]
        do throws(TLSConfigurationError) {
            return .success(try TLSServerContext(server))
        } catch {
            return .failure(error)
        }
    }
}
