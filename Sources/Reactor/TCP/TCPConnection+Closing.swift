import Bytes
import Glibc

extension TCPConnection {
    /// Ends the connection in good order: sends what is waiting, then FIN, then waits for the peer's FIN for at most
    /// the linger time. Input that still comes is thrown away.
    package func close() {
        switch state {
        case .connecting, .handshaking: if pendingOutput > 0 { closesWhenOpen = true } else { finish(.closed) }
        case .open:
            flush()
            guard state == .open else { return }
            if let security { sayGoodbye(security) }
            guard state == .open else { return }
            state = .closing
            if output.isEmpty { sendFIN() }
        case .closing, .lingering, .closed: break
        }
    }

    /// Breaks the connection off: the peer sees a reset, what is waiting is dropped.
    package func abort(_ reason: TCPCloseReason = .aborted) {
        guard state != .closed else { return }
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        finish(reason)
    }

    /// Sends FIN after what is waiting and goes on receiving: half of the connection stays open. When the peer has sent
    /// its own end as well, the connection is closed.
    package func finishOutput() {
        switch state {
        case .connecting, .handshaking, .open: outputFinishes = true
        case .closing, .lingering, .closed: return
        }
        if state == .open { flush() }
    }

    /// All that was written before `finishOutput` is out.
    func endHalf() {
        guard !outputHasFinished else { return }
        if let security { sayGoodbye(security) }
        // Where the goodbye itself has to wait, the flush that sends it comes back here.
        guard state == .open, output.isEmpty else { return }
        outputHasFinished = true
        shutdown(socket.descriptor, CInt(SHUT_WR))
        if peerHasFinished { finish(.closed) }
    }

    func sendFIN() {
        if peerHasFinished { return finish(.closed) }
        shutdown(socket.descriptor, CInt(SHUT_WR))
        state = .lingering
        outputWaitBegan = loop.now.nanoseconds
        rearm()
        isPaused = false
        if mayRead { takeAnotherTurn() }
    }

    /// The socket is broken: nothing can be sent any more, but what the peer said before, an answer perhaps and the
    /// reason of it all, may still be in the kernel. It is read first, unless the owner does not read now.
    func fail(_ reason: TCPCloseReason) {
        guard state == .open, !isPaused, !peerHasFinished else { return finish(reason) }
        guard failure == nil else { return }
        failure = reason
        output.removeAll()
        _ = security?.takeWaiting()
        mayRead = true
        mayHideMore = true
        takeAnotherTurn()
    }

    /// The loop cannot watch the socket, which stays the caller's: nobody has heard of this connection, or will.
    func neverBegan() {
        state = .closed
        loop.statistics.tcpOpen -= 1
    }

    /// Lets go of everything; the handler is told at the end of the round.
    func finish(_ reason: TCPCloseReason) {
        guard state != .closed else { return }
        state = .closed
        loop.statistics.tcpOpen -= 1
        disarm()
        output.removeAll()
        loop.deregister(socket.descriptor, closing: true)
        socket.close()
        // Looked up then, not now: a connection may fail while its acceptor still makes the handler.
        loop.afterRound {
            let handler = self.handler
            self.handler = nil
            handler?.closed(self, reason)
        }
    }
}

// MARK: - Hand-over

/// A connected socket between two loops.
package struct DetachedSocket: Sendable {
    let socket: Socket
}

extension TCPConnection {
    /// Takes the socket out, for another loop to `attach`: the one way for a connection to change its thread. Nil where
    /// output is waiting, the connection is not open, or TLS is on it. This object is closed then, and its handler is
    /// let go untold.
    package func detach() -> DetachedSocket? {
        guard state == .open, output.isEmpty, failure == nil, security == nil else { return nil }
        state = .closed
        loop.statistics.tcpOpen -= 1
        disarm()
        loop.deregister(socket.descriptor, closing: false)
        handler = nil
        return DetachedSocket(socket: socket)
    }

    /// Goes on with a detached socket on this loop.
    package static func attach(
        _ detached: DetachedSocket, to loop: EventLoop, options: TCPOptions, handler: any TCPHandler
    ) throws(SystemError) -> TCPConnection {
        do {
            return try adopt(detached.socket, on: loop, options: options, handler: handler)
        } catch {
            detached.socket.close()
            throw error
        }
    }
}
