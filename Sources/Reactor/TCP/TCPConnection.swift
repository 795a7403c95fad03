package import Bytes
import CLinux
import Glibc

/// One TCP connection, confined to its loop.
///
///     connecting ──► handshaking (TLS) ──► open ──close()──► closing ──► lingering ──► closed
///         │                │                │                   │            │           ▲
///         └────────────────┴────────────────┴─ error, timeout, abort ────────┴───────────┘
///
/// Closing sends what is waiting, lingering has sent FIN and waits for the peer's.
/// Reading, writing and closing are in files of their own. Memory while idle: this object, a slot and a timer, together
/// less than 400 bytes.
package final class TCPConnection {
    enum State: UInt8 {
        case connecting, handshaking, open, closing, lingering, closed
    }

    package let loop: EventLoop
    package let options: TCPOptions

    /// The owner; kept until `closed` has been told.
    package var handler: (any TCPHandler)?

    /// When to call `deadlinePassed`: the owner's to set, move and clear at no cost.
    package var deadline: Instant? {
        get { ownerDeadline == .max ? nil : Instant(nanoseconds: ownerDeadline) }
        set {
            ownerDeadline = newValue?.nanoseconds ?? .max
            if ownerDeadline < timerDue { rearm() }
        }
    }

    /// Bytes that have come in and gone out, as the socket counts them.
    package internal(set) var bytesReceived: UInt64 = 0
    package internal(set) var bytesSent: UInt64 = 0

    let socket: Socket
    var state: State
    /// Reading is held back by the owner.
    package internal(set) var isPaused = false
    /// The kernel may have input that has not been read: an edge was seen and EAGAIN was not.
    var mayRead = false
    /// A short read need not have emptied the socket: the kernel has told that the peer's end is coming, or urgent
    /// data, at whose mark a read stops.
    var mayHideMore = false
    /// The peer's end has been read.
    var peerHasFinished = false
    /// Output is above the high watermark and has not yet fallen to the low one.
    var isAboveWatermark = false
    /// Why the socket is of no use any more; told once what the peer sent before has been read.
    var failure: TCPCloseReason?
    /// `finishOutput` was called: FIN follows what is waiting.
    var outputFinishes = false
    /// FIN has been sent while the other half stays open.
    var outputHasFinished = false
    /// `close` was called before the connection stood, with output waiting.
    var closesWhenOpen = false
    var isInAgainList = false
    /// Size of the next read; grows while reads fill it.
    var readSize = Int32(Scratch.normal)
    var output = OutputQueue()
    var security: TCPSecurity?
    /// The TLS engine is at work, perhaps in the middle of a record.
    var isInEngine = false
    /// Output was blocked while the engine was at work: the owner is still to be told.
    var blockIsUntold = false

    /// Nanoseconds on the monotonic clock.
    private let began: UInt64
    var lastActivity: UInt64
    /// When output began to wait, or was last seen to be taken fast enough; when FIN went out.
    var outputWaitBegan: UInt64
    /// Bytes that the peer had taken by then.
    var deliveredThen: UInt64 = 0
    private var ownerDeadline: UInt64 = .max
    private var timerDue: UInt64 = .max
    private var timer: TimerID?

    init(socket: Socket, state: State, loop: EventLoop, options: TCPOptions, handler: (any TCPHandler)?) {
        self.socket = socket
        self.state = state
        self.loop = loop
        self.options = options
        self.handler = handler
        loop.statistics.tcpOpen += 1
        began = loop.now.nanoseconds
        lastActivity = began
        outputWaitBegan = began
    }

    /// Takes over a connected, non-blocking socket.
    static func adopt(
        _ socket: Socket, on loop: EventLoop, options: TCPOptions, security: TCPSecurity? = nil,
        handler: (any TCPHandler)?
    ) throws(SystemError) -> TCPConnection {
        let connection = TCPConnection(socket: socket, state: .open, loop: loop, options: options, handler: handler)
        connection.security = security
        do throws(SystemError) { try loop.register(socket.descriptor, connection) } catch {
            connection.neverBegan()
            throw error
        }
        if let security { connection.startHandshake(security) }
        connection.rearm()
        return connection
    }

    package var isOpen: Bool { state == .open }
    package var isClosed: Bool { state == .closed }
    package var localAddress: SocketAddress? { state == .closed ? nil : socket.localAddress }
    package var peerAddress: SocketAddress? { state == .closed ? nil : socket.peerAddress }

    /// Whether whoever writes should stop: enough is waiting, or what is written goes nowhere any more. `outputDrained`
    /// tells of the end of the first, `closed` of that of the second.
    package var isOutputBlocked: Bool { isAboveWatermark || !acceptsOutput }

    /// Unsent bytes that are waiting here.
    package var pendingOutput: Int { output.byteCount + (security?.waitingBytes ?? 0) }
}

// MARK: - Events

extension TCPConnection: EventSource {
    package func ready(_ readiness: Readiness) {
        if readiness.isEmpty { isInAgainList = false }
        guard state != .closed else { return }
        if state == .connecting {
            guard !readiness.isDisjoint(with: [.writable, .failed, .hangup]) else { return }
            finishConnect()
            guard state != .connecting, state != .closed else { return }
        }
        if readiness.contains(.failed) {
            let code = socket.takeError()
            if code != 0 { return fail(Self.reason(for: SystemError("recv", code))) }
        }
        if !readiness.isDisjoint(with: [.readable, .peerClosed, .hangup, .urgent]) { mayRead = true }
        if !readiness.isDisjoint(with: [.peerClosed, .hangup, .urgent]) { mayHideMore = true }
        if readiness.contains(.writable), !output.isEmpty { flush() }
        if mayRead, !isPaused || state == .handshaking, state != .closed { readAvailable() }
    }

    package func loopEnded() { finish(.shutdown) }

    /// Asks for another turn in the next round.
    func takeAnotherTurn() {
        guard !isInAgainList else { return }
        isInAgainList = true
        loop.again(self)
    }

    static func reason(for error: SystemError) -> TCPCloseReason {
        switch error.code {
        case ECONNRESET, EPIPE: .reset
        case ETIMEDOUT: .timeout(.write)
        default: .failed(error)
        }
    }
}

// MARK: - Timeouts

extension TCPConnection: TimerTarget {
    /// One timer serves all timeouts. It is not moved when something happens on the connection: it fires at the time it
    /// was set for, looks what is really due, and goes to sleep again.
    package func timerFired(_ token: UInt32) {
        timer = nil
        timerDue = .max
        guard state != .closed else { return }
        let now = loop.now.nanoseconds
        if let (due, timeout) = earliestTimeout(), due <= now, timeout != .write || !goesOnWaiting() {
            if state == .lingering { return finish(.closed) }
            return finish(.timeout(timeout))
        }
        if ownerDeadline <= now {
            ownerDeadline = .max
            handler?.deadlinePassed(self)
            guard state != .closed else { return }
        }
        rearm()
    }

    private func earliestTimeout() -> (due: UInt64, timeout: TCPCloseReason.Timeout)? {
        func after(_ start: UInt64, _ wait: Duration) -> UInt64 { (Instant(nanoseconds: start) + wait).nanoseconds }
        switch state {
        case .connecting, .handshaking: return (after(began, options.timeouts.handshake), .handshake)
        case .lingering: return (after(outputWaitBegan, options.timeouts.linger), .idle)
        case .open, .closing:
            if !output.isEmpty { return (after(outputWaitBegan, options.timeouts.write), .write) }
            guard let idle = options.timeouts.idle else { return nil }
            return (after(lastActivity, idle), .idle)
        case .closed: return nil
        }
    }

    /// Makes sure that the timer fires no later than the next timeout.
    func rearm() {
        // A deadline that is set too late would keep the connection in memory until then.
        guard state != .closed else { return }
        let due = min(earliestTimeout()?.due ?? .max, ownerDeadline)
        guard due < timerDue else { return }
        if let timer { loop.cancel(timer) }
        timer = nil
        timerDue = due
        timer = loop.arm(at: Instant(nanoseconds: due), self)
    }

    func disarm() {
        if let timer { loop.cancel(timer) }
        timer = nil
        timerDue = .max
    }
}
