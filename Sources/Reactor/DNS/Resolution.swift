/// One caller's question to the resolver, on the caller's loop.
package final class Resolution {
    private let loop: EventLoop
    private let port: UInt16
    private var then: ((Result<[SocketAddress], DNSError>) -> Void)?
    private var timer: TimerID?
    /// How to leave a question that waits.
    private var withdraw: (() -> Void)?

    fileprivate init(
        loop: EventLoop, port: UInt16, then: @escaping (Result<[SocketAddress], DNSError>) -> Void
    ) {
        self.loop = loop
        self.port = port
        self.then = then
    }

    /// Gives up: the answer is `.cancelled` unless it is on its way already.
    package func cancel() { finishLater(.failure(.cancelled)) }

    fileprivate func start(_ text: String, _ resolver: Resolver) {
        if let host = SocketAddress.Host(literal: text) { return finishLater(.success([host])) }
        guard let name = DNSName(text) else { return finishLater(.failure(.invalidName)) }
        let callback = loop.callback(ended: { self.finish(.failure(.shutDown)) }, self.finish)
        switch resolver.ask(name, callback) {
        case .answered(let answer):
            loop.forget(callback)
            finishLater(answer)
        case .waiting(let waiter):
            withdraw = { [loop] in
                loop.forget(callback)
                resolver.leave(name, waiter)
            }
            timer = loop.arm(after: resolver.limits.timeout, self)
        }
    }

    /// Answers at the end of the round: never inside the caller's own call.
    private func finishLater(_ answer: DNSAnswer) {
        stopWaiting()
        loop.afterRound { self.finish(answer) }
    }

    private func finish(_ answer: DNSAnswer) {
        stopWaiting()
        then.take()?(answer.map { hosts in hosts.map { SocketAddress($0, port: port) } })
    }

    private func stopWaiting() {
        if let timer { loop.cancel(timer) }
        timer = nil
        withdraw.take()?()
    }
}

extension Resolution: TimerTarget {
    package func timerFired(_ token: UInt32) {
        timer = nil
        finish(.failure(.timeout))
    }
}

extension Resolver {
    /// Finds the addresses of `name`, IPv4 and IPv6, in the order in which to try them. A literal is its own answer and
    /// needs no thread. `then` is called once, on `loop`, and never inside this call.
    @discardableResult
    package func resolve(
        _ name: String, port: UInt16, on loop: EventLoop,
        then: @escaping (Result<[SocketAddress], DNSError>) -> Void
    ) -> Resolution {
        let resolution = Resolution(loop: loop, port: port, then: then)
        resolution.start(name, self)
        return resolution
    }

    /// The same for a task on a loop; cancelling the task ends the wait with `.cancelled`.
    package func resolve(
        _ name: String, port: UInt16, on actor: isolated LoopActor
    ) async throws(DNSError) -> [SocketAddress] {
        let result: Result<[SocketAddress], DNSError> = await actor.wait { loop, finished in
            let resolution = resolve(name, port: port, on: loop, then: finished)
            return { resolution.cancel() }
        }
        return try result.get()
    }
}
