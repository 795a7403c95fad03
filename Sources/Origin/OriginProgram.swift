import Glibc
import Reactor
import Service
import Telemetry

/// `sluice-origin` from its configuration to its status.
package enum OriginProgram {
    package static func serve(_ configuration: OriginConfiguration, readyDescriptor: Int32?, loops: Int?) -> Int32 {
        do {
            Signal.ignoreBrokenPipe()
            try SignalSource.block(Lifecycle.signals)
            let log = try LogSink(
                .auto, filter: configuration.logging.filter, noColor: ProcessEnvironment.variables()["NO_COLOR"])
            defer { log.close(within: .milliseconds(400)) }
            return serve(configuration, readyDescriptor, loops, log)
        } catch {
            return 1
        }
    }

    private static func serve(
        _ configuration: OriginConfiguration, _ readyDescriptor: Int32?, _ loops: Int?, _ sink: LogSink
    ) -> Int32 {
        let log = sink.logger(.origin)
        let certificates = [configuration.rtmpsPair, configuration.httpsPair]
        switch Preparation.prepare(configuration.listenings, certificates, log: log) {
        case .failure(let refusal): return refusal.status
        case .success(let (plan, tls)):
            do {
                return try start(configuration, plan, tls, readyDescriptor, loops, sink)
            } catch {
                log.error("cannot start", ["reason": "\(error)"])
                return 1
            }
        }
    }

    private static func start(
        _ configuration: OriginConfiguration, _ plan: ListenPlan, _ tls: [TLSServerContext?],
        _ readyDescriptor: Int32?, _ loops: Int?, _ sink: LogSink
    ) throws -> Int32 {
        let program = try Program(
            loopCount: loops, identity: ServerIdentity(server: configuration.process.serverID), log: sink)
        let share = DescriptorShare(
            wanted: configuration.maximumConnections, openFiles: program.openFiles,
            loops: program.loops.loops.count, servesFiles: configuration.httpServer.isEnabled)
        share.warn(sink.logger(.origin), "too few open files for max_connections, it is lowered")
        let context = OriginContext(
            configuration, of: program, share: share, log: sink, rtmps: tls[0], https: tls[1])
        let setting = Program.Setting(
            patience: Lifecycle.Patience(grace: .seconds(20), force: .seconds(30)),
            readyDescriptor: readyDescriptor, reloadCertificates: nil)
        return program.serve(plan, setting, log: sink.logger(.origin)) { loop in
            try OriginLoop(context, on: loop, plan: plan).member
        } started: { _ in
        }
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
