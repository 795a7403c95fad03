import Reactor
import Service
import Telemetry

/// `sluice-proxy` from its arguments to its status.
package enum ProxyProgram {
    private static let front = ProgramStart("sluice-proxy")

    /// Blocks until the program has ended, and returns its status. Call it on the main thread, before any other runs.
    package static func run(arguments: [String]) -> Int32 {
        front.run { () throws(ConfigurationMistakes) in
            switch try Invocation.read(arguments: arguments) {
            case .help: return front.show(ConfigurationReference.help)
            case .reference: return front.show(ConfigurationReference.markdown)
            case .version: return front.show("sluice-proxy \(Version.text)\n")
            case .run(let checked):
                let logging = checked.configuration.logging
                return front.serve(logging.format, logging.filter) { serve(checked, $0) }
            }
        }
    }

    // MARK: - Serving

    private static func serve(_ checked: CheckedConfiguration, _ sink: LogSink) -> Int32 {
        let configuration = checked.configuration
        let log = sink.logger(.proxy)
        for warning in checked.warnings { log.warning("configuration", ["warning": warning.description]) }
        if !checked.withoutEffect.isEmpty {
            log.info("without effect in this version", ["variables": checked.withoutEffect.joined(separator: " ")])
        }
        if let path = configuration.staticFiles { Preparation.lookForPages(at: path, log: log) }
        let listenings = configuration.listeners.listenings
        let certificates = [configuration.rtmpsPair, configuration.httpsPair]
        return Preparation.start(listenings, certificates, log: log) { plan, tls in
            try start(checked, plan, tls, sink)
        }
    }

    private static func start(
        _ checked: CheckedConfiguration, _ plan: ListenPlan, _ tls: [TLSServerContext?], _ sink: LogSink
    ) throws -> Int32 {
        let configuration = checked.configuration
        let program = try Program(loopCount: configuration.limits.loops, log: sink)
        let share = DescriptorShare(
            wanted: configuration.limits.maximumConnections, openFiles: program.openFiles,
            loops: program.loops.loops.count, descriptorsPerClient: 2)
        share.warn(sink.logger(.proxy), "too few open files for PROXY_MAX_CONNECTIONS, it is lowered")
        let context = try ProxyContext(
            checked, of: program, share: share, log: sink, rtmps: tls[0], https: tls[1])
        let patience = Lifecycle.Patience(grace: configuration.shutdown.grace, force: configuration.shutdown.force)
        let setting = Program.Setting(
            patience: patience, readyDescriptor: checked.readyDescriptor, certificates: tls)
        return program.serve(plan, setting, log: sink.logger(.proxy)) { loop in
            try ProxyLoop(context, on: loop, plan: plan).member
        } started: { first in
            try OriginWatch(context, on: first)
            return nil
        }
    }
}

extension ProxyConfiguration {
    /// RTMP has no name of its own in ALPN.
    fileprivate var rtmpsPair: CertificatePair? { listeners.rtmps.flatMap { _ in pair([]) } }

    fileprivate var httpsPair: CertificatePair? { listeners.https.flatMap { _ in pair(["http/1.1"]) } }

    private func pair(_ applicationProtocols: [String]) -> CertificatePair? {
        guard let certificate = tls.certificate, let key = tls.key else { return nil }
        return CertificatePair(certificate: certificate, key: key, applicationProtocols: applicationProtocols)
    }
}
