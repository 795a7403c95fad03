import Bytes
package import Reactor

/// Tries, on one loop, the origins that connections have failed to reach, so that no session has to be the trial, and
/// those of which sessions have heard nothing.
///
/// That a connection is taken says little: the kernel takes it for a process that stands still. So a probe begins to
/// speak, and any first byte of an answer will do: of a handshake of RTMP, or of whatever HTTP has to say. Protocols
/// over UDP have no probe; there, sessions are the trials.
package final class OriginProbe {
    package struct Limits: Sendable {
        /// Probes at once; other origins wait for the next call.
        package var maximumAtOnce = 16
        /// From the look-up of the name to the first byte of the answer; where an origin has several endpoints each
        /// gets an equal part of what is left.
        package var timeout = Duration.seconds(3)

        package init() {}
    }

    private let routing: StreamRouting
    private let loop: EventLoop
    private let resolver: Resolver
    private let limits: Limits
    /// Told of those that are out by what a probe has shown, and not before.
    private let onOut: (OriginTrial) -> Void
    private var running = 0

    package init(
        _ routing: StreamRouting, on loop: EventLoop, resolver: Resolver, limits: Limits = Limits(),
        onOut: @escaping (OriginTrial) -> Void = { _ in }
    ) {
        self.onOut = onOut
        self.routing = routing
        self.loop = loop
        self.resolver = resolver
        self.limits = limits
    }

    /// Begins what is due. Call it about once a second.
    package func probe() {
        let trials = routing.takeTrials(
            of: [.rtmp, .http, .api], at: loop.now, atMost: limits.maximumAtOnce - running)
        for trial in trials {
            running += 1
            ProbeAttempt.begin(trial, on: loop, resolver: resolver, timeout: limits.timeout) { fault in
                self.running -= 1
                guard let fault else {
                    return self.routing.reached(trial.origin, trial.service, at: self.loop.now)
                }
                if self.routing.failed(trial.origin, trial.service, fault, at: self.loop.now) { self.onOut(trial) }
            }
        }
    }
}

/// One probe.
private final class ProbeAttempt: TCPHandler, TimerTarget {
    private let loop: EventLoop
    private let resolver: Resolver
    private let greeting: SharedBytes
    private let deadline: Instant
    /// Not tried yet.
    private var addresses: ArraySlice<OriginAddress>
    private var then: ((ServiceFault?) -> Void)?
    /// Of the address that was tried last.
    private var fault = ServiceFault.silent
    private var connector: TCPConnector?
    private var connection: TCPConnection?
    private var timer: TimerID?

    private init(
        _ trial: OriginTrial, on loop: EventLoop, resolver: Resolver, timeout: Duration,
        _ then: @escaping (ServiceFault?) -> Void
    ) {
        self.loop = loop
        self.resolver = resolver
        self.then = then
        deadline = loop.now + timeout
        addresses = trial.addresses[...]
        greeting = Self.greeting(of: trial.service)
    }

    /// `then` is called once, with nil where it answers, and never inside this call.
    static func begin(
        _ trial: OriginTrial, on loop: EventLoop, resolver: Resolver, timeout: Duration,
        then: @escaping (ServiceFault?) -> Void
    ) {
        ProbeAttempt(trial, on: loop, resolver: resolver, timeout: timeout, then).next()
    }

    /// Goes on to the next address, or ends.
    private func next() {
        leave()
        let left = addresses.count
        guard then != nil, let address = addresses.popFirst(), deadline > loop.now else { return end(fault) }
        timer = loop.arm(after: (deadline - loop.now) / left, self)
        var connecting: TCPConnector?
        connecting = TCPConnector.connect(
            to: .host(address.host.description, port: address.port), resolver: resolver, on: loop,
            options: TCPOptions(), handler: self
        ) { outcome in
            guard connecting === self.connector else { return }
            self.connector = nil
            guard case .failure(let error) = outcome else { return }
            self.fault = ServiceFault(error)
            self.next()
        }
        connector = connecting
    }

    /// Lets go of the address that was tried.
    private func leave() {
        if let timer { loop.cancel(timer) }
        timer = nil
        let connector = connector.take()
        connector?.cancel()
        let connection = connection.take()
        connection?.abort()
    }

    /// What makes a server speak.
    private static func greeting(of service: OriginService) -> SharedBytes {
        switch service {
        // The client's first two messages: the version, then time, zero and what may be random.
        case .rtmp: SharedBytes([3] + [UInt8](repeating: 0, count: 1_536))
        case .http, .api, .srt, .webRTC, .rtsp:
            SharedBytes("GET /api/v1/versions HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n")
        }
    }

    func connected(_ connection: TCPConnection) {
        guard then != nil else { return connection.abort() }
        self.connection = connection
        connection.write(greeting)
    }

    func received(_ bytes: RawSpan, on connection: TCPConnection) {
        if connection === self.connection { end(nil) }
    }

    func peerFinished(_ connection: TCPConnection) { lost(connection) }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { lost(connection) }

    private func lost(_ connection: TCPConnection) {
        guard connection === self.connection else { return }
        fault = .closed
        next()
    }

    func timerFired(_ token: UInt32) {
        timer = nil
        fault = connection == nil ? .slowConnection : .silent
        next()
    }

    /// Nil where it answers.
    private func end(_ fault: ServiceFault?) {
        guard let then = then.take() else { return }
        leave()
        then(fault)
    }
}
