package import Reactor
package import Telemetry

/// What is looked at before a program starts. All of it, before any of it ends the start: whoever mends the one shall
/// not find the other next.
package enum Preparation {
    /// The status for a configuration that cannot be used, as sysexits(3) has it.
    package static var badConfiguration: Int32 { 78 }

    /// Starts `body` with the addresses and the certificates, in the order given; returns the status to exit with. What
    /// hinders it is in the log.
    package static func start(
        _ listenings: [Listening], _ certificates: [CertificatePair?], log: Logger,
        _ body: (ListenPlan, [TLSServerContext?]) throws -> Int32
    ) -> Int32 {
        let contexts = contexts(of: certificates, log)
        switch ListenPlan.reserve(listenings) {
        case .success(let plan):
            guard let contexts else { return badConfiguration }
            do {
                return try body(plan, contexts)
            } catch {
                log.error("cannot start", ["reason": "\(error)"])
                return 1
            }
        case .failure(let failures):
            for failure in failures.failures { log.error("cannot listen", ["reason": failure.description]) }
            return contexts == nil ? badConfiguration : 1
        }
    }

    /// Nil where any cannot be used.
    private static func contexts(of certificates: [CertificatePair?], _ log: Logger) -> [TLSServerContext?]? {
        var contexts: [TLSServerContext?] = []
        var problems: [TLSConfigurationProblem] = []
        for pair in certificates {
            do throws(TLSConfigurationError) { contexts.append(try pair?.context()) } catch { problems.add(error) }
        }
        for problem in problems { log.error("cannot use the certificate", ["reason": problem.description]) }
        return problems.isEmpty ? contexts : nil
    }

    /// Pages may come later, but a path with a slip in it would stay unseen.
    package static func lookForPages(at path: String, log: Logger) {
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
}

/// A certificate and its key, in files.
package struct CertificatePair: Sendable, Equatable {
    package let certificate: String
    package let key: String
    /// What ALPN offers.
    package let applicationProtocols: [String]

    package init(certificate: String, key: String, applicationProtocols: [String] = []) {
        self.certificate = certificate
        self.key = key
        self.applicationProtocols = applicationProtocols
    }

    fileprivate func context() throws(TLSConfigurationError) -> TLSServerContext {
        let identity = TLSIdentity(certificates: .file(certificate), privateKey: .file(key))
        var server = TLSServerConfiguration(identities: [identity])
        server.applicationProtocols = applicationProtocols
        return try TLSServerContext(server)
    }
}
