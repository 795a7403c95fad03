package import Reactor
package import Telemetry

/// Reads certificates again when it is asked to, on the threads of a pool. The old ones stay where the new cannot be
/// used.
package final class CertificateReload {
    private let contexts: [TLSServerContext]
    private let loop: EventLoop
    private let blocking: BlockingPool
    private let log: Logger
    private var isReloading = false
    private var reloadsAgain = false

    package init(on loop: EventLoop, _ blocking: BlockingPool, log: Logger, contexts: [TLSServerContext]) {
        self.loop = loop
        self.blocking = blocking
        self.log = log
        self.contexts = contexts
    }

    package func request() {
        guard !contexts.isEmpty else { return log.info("nothing to reload") }
        // One at a time: where files are slow, signals must not use up the threads. A later signal may be about newer
        // files.
        guard !isReloading else {
            reloadsAgain = true
            return
        }
        isReloading = true
        blocking.run(on: loop) { [contexts] in
            Self.read(contexts)
        } then: { result in
            self.reloaded(result)
        }
    }

    /// What is wrong. One that cannot be read again keeps no other from it.
    private static func read(_ contexts: [TLSServerContext]) -> [TLSConfigurationProblem] {
        var problems: [TLSConfigurationProblem] = []
        for context in contexts {
            do throws(TLSConfigurationError) { try context.reload() } catch { problems.add(error) }
        }
        return problems
    }

    private func reloaded(_ result: Result<[TLSConfigurationProblem], BlockingPoolError>) {
        isReloading = false
        switch result {
        case .success([]): log.info("certificate reloaded")
        case .success(let problems):
            let reason = problems.map(\.description).joined(separator: "; ")
            log.error("certificate not reloaded, the old one stays", ["reason": reason])
        case .failure(let error): log.error("certificate not reloaded", ["reason": "\(error)"])
        }
        if reloadsAgain {
            reloadsAgain = false
            request()
        }
    }
}

extension [TLSConfigurationProblem] {
    /// Adds what is new: several ports may share their files.
    mutating func add(_ error: TLSConfigurationError) {
        for problem in error.problems where !contains(problem) { append(problem) }
    }
}
