package import Reactor
package import Telemetry

/// Reads certificates again when it is asked to, on the threads of a pool. The old ones stay where the new cannot be used.
package final class CertificateReload {
    private let read: (@Sendable () throws(TLSConfigurationError) -> Void)?
    private let loop: EventLoop
    private let blocking: BlockingPool
    private let log: Logger
    private var isReloading = false
    private var reloadsAgain = false

    /// `read` blocks, and is nil where there are no certificates.
    package init(
        on loop: EventLoop, _ blocking: BlockingPool, log: Logger,
        read: (@Sendable () throws(TLSConfigurationError) -> Void)?
    ) {
        self.loop = loop
        self.blocking = blocking
        self.log = log
        self.read = read
    }

    package func request() {
        guard let read else { return log.info("nothing to reload") }
        // One at a time: where files are slow, signals must not use up the threads. A later signal may be about newer files.
        guard !isReloading else {
            reloadsAgain = true
            return
        }
        isReloading = true
        blocking.run(on: loop) { () -> TLSConfigurationError? in
            do throws(TLSConfigurationError) {
                try read()
                return nil
            } catch {
                return error
            }
        } then: { result in
            self.reloaded(result)
        }
    }

    private func reloaded(_ result: Result<TLSConfigurationError?, BlockingPoolError>) {
        isReloading = false
        switch result {
        case .success(nil): log.info("certificate reloaded")
        case .success(let error?):
            log.error("certificate not reloaded, the old one stays", ["reason": error.description])
        case .failure(let error): log.error("certificate not reloaded", ["reason": "\(error)"])
        }
        if reloadsAgain {
            reloadsAgain = false
            request()
        }
    }
}
