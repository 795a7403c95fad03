import Bytes
import Glibc

extension TCPConnection {
    /// Stops `received` until `resumeReading`; the kernel's window fills and the peer waits. A TLS handshake goes on,
    /// and what came along with its end is still delivered.
    package func pauseReading() {
        isPaused = true
        // Nobody else would tell of the end.
        if let failure { finish(failure) }
    }

    package func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        if mayRead, state != .closed { takeAnotherTurn() }
    }

    /// Whether input is looked at every `LoopLimits.pacedInterval` and not as it comes: for a peer that sends small
    /// pieces all the time to an owner that need not have each at once. Room for output is told as late.
    package func paceReading(_ isPaced: Bool) {
        guard state == .open else { return }
        do throws(SystemError) { try loop.pace(socket.descriptor, isPaced) } catch { finish(.failed(error)) }
    }

    /// Reads what the kernel has by now, unless reading is paused. Call it where no other connection is reading: at the
    /// end of a round.
    package func readNow() { if state == .open, !isPaused { readAvailable() } }

    /// Reads until the kernel has no more, the owner pauses, or the turn is over.
    func readAvailable() {
        let input = loop.scratch.input
        var left = options.limits.bytesPerTurn
        while state != .closed, !isPaused || state == .handshaking, !peerHasFinished {
            let wanted = Int(readSize)
            let count = recv(socket.descriptor, input.baseAddress!, wanted, 0)
            if count > 0 {
                if received(UnsafeRawBufferPointer(start: input.baseAddress!, count: count), of: wanted) { return }
                left -= count
                if left <= 0 { return takeAnotherTurn() }
            } else if count == 0 {
                mayRead = false
                if let failure { return finish(failure) }
                return inputEnded()
            } else if errno == EAGAIN {
                mayRead = false
                if let failure { finish(failure) }
                return
            } else if errno != EINTR {
                return finish(failure ?? Self.reason(for: .last("recv")))
            }
        }
    }

    /// Passes one read on; true where the kernel has no more for now.
    private func received(_ bytes: UnsafeRawBufferPointer, of wanted: Int) -> Bool {
        lastActivity = loop.now.nanoseconds
        bytesReceived &+= UInt64(bytes.count)
        loop.statistics.bytesReceived &+= UInt64(bytes.count)
        // Safe: the scratch memory is not written to again before the handler has returned.
        let span = RawSpan(_unsafeBytes: bytes)
        switch state {
        case .handshaking, .open:
            if let security { receivedCiphertext(span, security) } else { handler?.received(span, on: self) }
        // What comes after our end is of no interest.
        case .connecting, .closing, .lingering, .closed: break
        }
        if bytes.count == wanted {
            readSize = min(readSize * 2, Int32(Scratch.maximum))
            return false
        }
        if bytes.count < Scratch.normal { readSize = Int32(Scratch.normal) }
        // A short read has emptied the socket, and what comes later is a new edge; only what was announced along with
        // these bytes will not be announced again.
        mayRead = mayHideMore
        return !mayHideMore
    }

    /// The end of the peer's output: the socket's, or TLS's own that comes before it.
    func inputEnded() {
        guard !peerHasFinished else { return }
        peerHasFinished = true
        switch state {
        case .open:
            handler?.peerFinished(self)
            if outputHasFinished { finish(.closed) }
        case .handshaking: finish(.reset)
        case .lingering: finish(.closed)
        case .connecting, .closing, .closed: break
        }
    }
}
