import Glibc
import Reactor
import Service
import Telemetry

/// `sluice-proxy` from its arguments to its status.
package enum ProxyProgram {
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
            return Preparation.badConfiguration
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
        let configuration = checked.configuration
        let log = sink.logger(.proxy)
        for warning in checked.warnings { log.warning("configuration", ["warning": warning.description]) }
        if !checked.withoutEffect.isEmpty {
            log.info("without effect in this version", ["variables": checked.withoutEffect.joined(separator: " ")])
        }
        if let path = configuration.staticFiles { Preparation.lookForPages(at: path, log: log) }
        switch Preparation.prepare(configuration.listeners.listenings, [configuration.certificatePair], log: log) {
        case .failure(let refusal): return refusal.status
        case .success(let (plan, tls)):
            do {
                return try start(checked, plan, tls[0], sink)
            } catch {
                log.error("cannot start", ["reason": "\(error)"])
                return 1
            }
        }
    }

    private static func start(
        _ checked: CheckedConfiguration, _ plan: ListenPlan, _ tls: TLSServerContext?, _ sink: LogSink
    ) throws -> Int32 {
        let configuration = checked.configuration
        let program = try Program(loopCount: configuration.limits.loops, log: sink)
        let share = DescriptorShare(
            wanted: configuration.limits.maximumConnections, openFiles: program.openFiles,
            loops: program.loops.loops.count, descriptorsPerClient: 2)
        share.warn(sink.logger(.proxy), "too few open files for PROXY_MAX_CONNECTIONS, it is lowered")
        let context = try ProxyContext(configuration, of: program, share: share, log: sink, tls: tls)
        let patience = Lifecycle.Patience(grace: configuration.shutdown.grace, force: configuration.shutdown.force)
        let setting = Program.Setting(
            patience: patience, readyDescriptor: checked.readyDescriptor, reloadCertificates: tls?.reload)
        return program.serve(plan, setting, log: sink.logger(.proxy)) { loop in
            try ProxyLoop(context, on: loop, plan: plan).member
        } started: { first in
            try OriginWatch(context, on: first)
            return nil
        }
    }
}

extension ProxyConfiguration {
    fileprivate var certificatePair: CertificatePair? {
        guard listeners.https != nil, let certificate = tls.certificate, let key = tls.key else { return nil }
        return CertificatePair(certificate: certificate, key: key, applicationProtocols: ["http/1.1"])
    }
}
