import Bytes
import Glibc
import Reactor
import Service
import Telemetry

/// `sluice-origin` from its arguments to its status.
package enum OriginProgram {
    private static let front = ProgramStart("sluice-origin")

    /// Blocks until the program has ended, and returns its status. Call it on the main thread, before any other runs.
    package static func run(arguments: [String]) -> Int32 {
        front.run { () throws(ConfigurationMistakes) in
            switch try OriginInvocation.read(arguments: arguments) {
            case .help: return front.show(OriginReference.help)
            case .reference: return front.show(OriginReference.markdown)
            case .version: return front.show("\(Version.text)\n")
            case .signature: return front.show("Sluice/\(Version.text)\n")
            case .test(let checked):
                front.warn(checked.warnings)
                return front.show("the configuration is valid\n")
            case .run(let checked):
                return front.serve(.auto, checked.configuration.logging.filter) { serve(checked, $0) }
            }
        }
    }

    // MARK: - Serving

    private static func serve(_ checked: CheckedOriginConfiguration, _ sink: LogSink) -> Int32 {
        let configuration = checked.configuration
        let log = sink.logger(.origin)
        for warning in checked.warnings { log.warning("configuration", ["warning": warning.description]) }
        guard enter(configuration.process, log) else { return 1 }
        defer { leave(configuration.process) }
        let certificates = [configuration.rtmpsPair, configuration.httpsPair]
        return Preparation.start(configuration.listenings, certificates, log: log) { plan, tls in
            try start(checked, plan, tls, sink)
        }
    }

    /// Goes to the working directory, and says there who runs.
    private static func enter(_ process: OriginConfiguration.Process, _ log: Logger) -> Bool {
        guard chdir(process.workDirectory) == 0 else {
            log.error(
                "cannot go to work_dir",
                ["path": process.workDirectory, "reason": SystemError.last("chdir").description])
            return false
        }
        guard let path = process.pidFile else { return true }
        do throws(FileError) {
            try FileOperation.replace(path, with: SharedBytes("\(getpid())\n")).now()
            return true
        } catch {
            log.error("cannot write the file of `pid`", ["path": path, "reason": "\(error)"])
            return false
        }
    }

    private static func leave(_ process: OriginConfiguration.Process) {
        if let path = process.pidFile { unlink(path) }
    }

    private static func start(
        _ checked: CheckedOriginConfiguration, _ plan: ListenPlan, _ tls: [TLSServerContext?], _ sink: LogSink
    ) throws -> Int32 {
        let configuration = checked.configuration
        let program = try Program(
            loopCount: configuration.process.loops, identity: ServerIdentity(server: configuration.process.serverID),
            log: sink)
        let share = DescriptorShare(
            wanted: configuration.maximumConnections, openFiles: program.openFiles,
            loops: program.loops.loops.count,
            descriptorsPerClient: configuration.httpServer.isEnabled ? 2 : 1)
        share.warn(sink.logger(.origin), "too few open files for max_connections, it is lowered")
        let context = OriginContext(
            configuration, of: program, share: share, log: sink, rtmps: tls[0], https: tls[1])
        let setting = Program.Setting(
            patience: patience(configuration.shutdown),
            readyDescriptor: checked.readyDescriptor, certificates: tls)
        return program.serve(plan, setting, log: sink.logger(.origin)) { loop in
            try OriginLoop(context, on: loop, plan: plan).member
        } started: { first in
            try OriginPresence.begin(context, on: first, plan: plan)
        }
    }

    /// SIGTERM and SIGINT: 20 s for what is open, 10 s more for the program. SIGQUIT as SRS has it.
    private static func patience(_ shutdown: OriginConfiguration.Shutdown) -> Lifecycle.Patience {
        var patience = Lifecycle.Patience(grace: .seconds(20), force: .seconds(30))
        patience.startWait = shutdown.startWait
        patience.finalWait = shutdown.finalWait
        patience.isAlwaysGentle = shutdown.isAlwaysGraceful
        return patience
    }
}

extension OriginConfiguration {
    fileprivate var rtmpsPair: CertificatePair? {
        guard rtmps.isEnabled else { return nil }
        return CertificatePair(certificate: rtmps.certificate.certificate, key: rtmps.certificate.key)
    }

    fileprivate var httpsPair: CertificatePair? {
        guard httpServer.isEnabled, httpServer.https.isEnabled else { return nil }
        let files = httpServer.https.certificate
        return CertificatePair(
            certificate: files.certificate, key: files.key, applicationProtocols: ["http/1.1"])
    }
}

extension LogSubsystem {
    static let origin = LogSubsystem("origin")
}
