package import Reactor
package import Telemetry

/// What is looked at before a program starts. All of it, before any of it ends the start: whoever mends the one shall not
/// find the other next.
package enum Preparation {
    /// The status for a configuration that cannot be used, as sysexits(3) has it.
    package static var badConfiguration: Int32 { 78 }

    /// What there is to start with, or the status to exit with; what hinders it is in the log.
    package static func prepare(
        _ listenings: [Listening], _ certificates: [CertificatePair?], log: Logger
    ) -> Result<(plan: ListenPlan, tls: [TLSServerContext?]), Refusal> {
        var contexts: [TLSServerContext?] = []
        var isUsable = true
        for pair in certificates {
            do throws(TLSConfigurationError) {
                contexts.append(try pair?.context())
            } catch {
                isUsable = false
                for problem in error.problems {
                    log.error("cannot use the certificate", ["reason": problem.description])
                }
            }
        }
        switch ListenPlan.reserve(listenings) {
        case .success(let plan):
            return isUsable ? .success((plan, contexts)) : .failure(Refusal(status: badConfiguration))
        case .failure(let failures):
            for failure in failures.failures { log.error("cannot listen", ["reason": failure.description]) }
            return .failure(Refusal(status: isUsable ? 1 : badConfiguration))
        }
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

    /// The start is over.
    package struct Refusal: Error {
        package let status: Int32
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
