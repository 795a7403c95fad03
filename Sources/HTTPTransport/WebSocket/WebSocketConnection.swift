package import Bytes
package import HTTP
package import Reactor

/// One WebSocket on a TCP connection, of either role, confined to its loop.
///
/// What bytes mean is `WebSocketMachine`'s business; this is its shell. Idle, it holds no buffer.
///
/// A peer that sends faster than its messages are wanted is held back with `pause`, or by not reading what we send:
/// while our output is blocked, input waits.
package final class WebSocketConnection: ServedConnection {
    package let role: WebSocketRole
    package let options: WebSocketOptions
    let socket: TCPConnection
    private var handler: (any WebSocketHandler)?
    /// The server that counts it, if it came from one.
    private let server: HTTPServer?
    package var position = 0

    var machine: WebSocketMachine
    /// What has come and is not consumed: part of a frame's header, or what waits while input is held back.
    private var input: ByteQueue
    private(set) var isReading = false
    package private(set) var isPaused = false
    /// A ping is out and the peer has been silent since.
    private var isPinged = false

    private init(
        _ role: WebSocketRole, _ socket: TCPConnection, _ server: HTTPServer?, _ options: WebSocketOptions,
        _ handler: any WebSocketHandler
    ) {
        self.role = role
        self.socket = socket
        self.server = server
        self.options = options
        self.handler = handler
        machine = WebSocketMachine(role: role, limits: options.limits)
        // A full read behind the piece of a header; a read of TLS may end with what an earlier one began.
        input = ByteQueue(maximum: Scratch.maximum + 32 * 1024)
    }

    /// Speaks WebSocket on `socket` from here on. `ahead` is what the peer has sent behind its part of the handshake.
    @discardableResult
    package static func start(
        _ role: WebSocketRole, on socket: TCPConnection, ahead: SharedBytes = .empty,
        options: WebSocketOptions = WebSocketOptions(), handler: any WebSocketHandler
    ) -> WebSocketConnection {
        start(role, on: socket, of: nil, ahead: ahead, options: options, handler: handler)
    }

    @discardableResult
    static func start(
        _ role: WebSocketRole, on socket: TCPConnection, of server: HTTPServer?, ahead: SharedBytes,
        options: WebSocketOptions, handler: any WebSocketHandler
    ) -> WebSocketConnection {
        let connection = WebSocketConnection(role, socket, server, options, handler)
        socket.handler = connection
        server?.add(connection)
        connection.heard()
        handler.opened(connection)
        if server?.isDraining ?? false { connection.shutDown() }
        if !ahead.isEmpty { connection.received(ahead.bytes, on: socket) }
        return connection
    }

    package var loop: EventLoop { socket.loop }
    package var peerAddress: SocketAddress? { socket.peerAddress }

    /// Whether messages may still be sent.
    package var isOpen: Bool { machine.isOpen && !socket.isClosed }

    /// The server goes away.
    package func shutDown() { close(.goingAway) }

    /// Breaks the connection off, without a word to the peer.
    package func abort() { socket.abort() }

    /// Tells the owner, once.
    private func end(_ ending: WebSocketEnding) {
        let told = handler.take()
        told?.closed(self, ending)
    }
}

// MARK: - Input

extension WebSocketConnection: TCPHandler {
    package func received(_ bytes: RawSpan, on connection: TCPConnection) {
        heard()
        guard input.isEmpty else {
            keep(bytes)
            return processInput()
        }
        let consumed = process(bytes)
        keep(bytes.extracting(consumed..<bytes.byteCount))
        holdBackOrRead()
    }

    package func peerFinished(_ connection: TCPConnection) {
        if case .failed(let error) = machine.inputEnded() { end(.failed(error)) }
        socket.close()
    }

    package func outputDrained(_ connection: TCPConnection) {
        handler?.outputDrained(self)
        goOn()
    }

    package func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
        server?.remove(self)
        end(.lost(reason))
    }

    private func keep(_ bytes: RawSpan) {
        guard !bytes.isEmpty, !socket.isClosed else { return }
        // More than the queue holds cannot come: reading is paused while input waits.
        if !input.append(bytes) { socket.abort() }
    }

    private func processInput() {
        let consumed = process(input.readable)
        input.consume(consumed)
        holdBackOrRead()
    }

    /// Feeds the machine until it has had enough; returns how many bytes are done with.
    private func process(_ bytes: RawSpan) -> Int {
        isReading = true
        defer {
            // First, so that what the owner sends when this drains the output is not left lying.
            isReading = false
            socket.flush()
        }
        var output = ByteWriter(capacity: 0)
        var consumed = 0
        while !socket.isClosed, !isHeldBack {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            let step = machine.receive(rest, output: &output, maskKey: maskKey())
            consumed += step.consumed
            if !output.isEmpty {
                socket.enqueue(output.bytes)
                output.removeAll()
            }
            switch step.event {
            case .needsInput: return consumed
            case .text(let message): handler?.received(text: message, on: self)
            case .binary(let message): handler?.received(binary: message, on: self)
            case .answered, .pong: continue
            case .closed(let code, let reason):
                end(.closed(code, reason: reason))
                socket.close()
            case .failed(let error):
                end(.failed(error))
                socket.close()
            case .discarded: return bytes.byteCount
            }
        }
        return consumed
    }
}

// MARK: - Flow

extension WebSocketConnection {
    /// Whether what has come must wait. Not once we have closed: then the peer's close frame is all that is wanted.
    private var isHeldBack: Bool { machine.isOpen && (isPaused || socket.isOutputBlocked) }

    /// Stops messages until `resume`: the peer is held back by its own window.
    package func pause() {
        isPaused = true
        if !isReading { holdBackOrRead() }
    }

    package func resume() {
        guard isPaused else { return }
        isPaused = false
        goOn()
    }

    /// Goes on with the input that is waiting, not inside the caller's own call.
    private func goOn() {
        guard !isReading else { return }
        holdBackOrRead()
        guard !input.isEmpty, !isHeldBack else { return }
        loop.afterRound { if !self.isReading, !self.socket.isClosed { self.processInput() } }
    }

    private func holdBackOrRead() {
        if machine.isOpen && isPaused || isHeldBack && !input.isEmpty {
            socket.pauseReading()
        } else {
            socket.resumeReading()
        }
    }
}

// MARK: - Time

extension WebSocketConnection {
    /// The peer lives, or just began to: the next ping is due later.
    private func heard() {
        isPinged = false
        guard machine.isOpen else { return }
        socket.deadline = options.pingInterval.map { loop.now + $0 }
    }

    /// Waits for the peer's close frame.
    func closeFrameSent() {
        socket.deadline = loop.now + options.closeTimeout
        goOn()
    }

    package func deadlinePassed(_ connection: TCPConnection) {
        // What we do not read cannot be heard. A peer that does not read meets the timeout of writing.
        if isHeldBack { return heard() }
        guard machine.isOpen, !isPinged else { return socket.abort(.timeout(.owner)) }
        isPinged = true
        enqueue(.ping, .empty)
        socket.flush()
        socket.deadline = loop.now + options.pongTimeout
    }
}
