package import Bytes
import Glibc

extension TCPConnection {
    /// Sends `bytes`, now as far as the kernel takes them; only the rest is copied. Ignored once closing.
    package func write(_ bytes: RawSpan) {
        guard acceptsOutput, bytes.byteCount > 0 else { return }
        guard let security else { return sendOrQueue(bytes) }
        if state == .open {
            encryptWaiting(security)
            encrypt(bytes, security)
        } else {
            security.wait(copying: bytes)
            outputGrew()
        }
    }

    /// Sends shared bytes; without TLS they are never copied.
    package func write(_ bytes: SharedBytes) {
        guard acceptsOutput, !bytes.isEmpty else { return }
        if security != nil { return write(bytes.bytes) }
        var sent = 0
        if output.isEmpty, state == .open {
            sent = sendNow(bytes.bytes)
            if sent < 0 || sent == bytes.count { return }
        }
        willQueue()
        output.append(bytes.dropping(first: sent))
        outputGrew()
    }

    /// Queues without a system call; `flush()` sends everything queued with as few calls, and TLS records, as possible.
    package func enqueue(_ bytes: SharedBytes) {
        guard acceptsOutput else { return }
        if let security { return security.wait(bytes) }
        willQueue()
        output.append(bytes)
    }

    package func enqueue(_ bytes: RawSpan) {
        guard acceptsOutput else { return }
        if let security { return security.wait(copying: bytes) }
        willQueue()
        output.append(copying: bytes)
    }

    /// Sends what is waiting, as far as the kernel takes it.
    package func flush() {
        guard state == .open || state == .closing || state == .handshaking else { return }
        if let security { encryptWaiting(security) }
        while !output.isEmpty {
            let sent = output.send { vectors, count in writev(vectors, count) }
            if sent >= 0 {
                sentBytes(sent)
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                return fail(Self.reason(for: .last("writev")))
            }
        }
        if !output.isEmpty {
            outputGrew()
        } else if state == .closing {
            sendFIN()
        } else if outputFinishes, state == .open {
            endHalf()
        }
        if isAboveWatermark, pendingOutput <= options.limits.lowWatermark, state == .open, failure == nil {
            isAboveWatermark = false
            blockIsUntold = false
            handler?.outputDrained(self)
        }
    }

    /// Ciphertext, or bytes without TLS: into the socket as far as it takes them.
    func sendOrQueue(_ bytes: RawSpan) {
        guard state != .closed, failure == nil else { return }
        var sent = 0
        if output.isEmpty, state != .connecting {
            sent = sendNow(bytes)
            if sent < 0 || sent == bytes.byteCount { return }
        }
        willQueue()
        output.append(copying: bytes.extracting(sent..<bytes.byteCount))
        outputGrew()
    }

    /// Whether what is written goes anywhere: not once the end of the output has been asked for, or has come.
    package var acceptsOutput: Bool {
        switch state {
        case .connecting, .handshaking, .open: !closesWhenOpen && !outputFinishes && failure == nil
        case .closing, .lingering, .closed: false
        }
    }

    func willQueue() { if output.isEmpty { beginWaiting() } }

    /// The write timeout counts from here.
    private func beginWaiting() {
        outputWaitBegan = loop.now.nanoseconds
        deliveredThen = delivered
    }

    /// Whether the peer has taken enough in the write timeout that is over to be given another.
    ///
    /// What counts is what it has acknowledged: the kernel lets a large buffer run nearly empty before it takes more,
    /// and a reader of a byte now and then would pass for one that goes on.
    func goesOnWaiting() -> Bool {
        guard delivered &- deliveredThen >= UInt64(options.limits.minimumProgress) else { return false }
        beginWaiting()
        return true
    }

    /// Bytes that the peer's system has acknowledged.
    private var delivered: UInt64 { bytesSent &- UInt64(socket.unacknowledgedBytes) }

    /// Bytes sent; negative where the connection has failed.
    private func sendNow(_ bytes: RawSpan) -> Int {
        let flags = CInt(MSG_NOSIGNAL)
        let count = bytes.withUnsafeBytes { send(socket.descriptor, $0.baseAddress, $0.count, flags) }
        if count >= 0 {
            sentBytes(count)
            return count
        }
        if errno == EAGAIN || errno == EINTR { return 0 }
        fail(Self.reason(for: .last("send")))
        return -1
    }

    func writev(_ vectors: UnsafePointer<iovec>, _ count: CInt) -> Int {
        var message = msghdr()
        message.msg_iov = UnsafeMutablePointer(mutating: vectors)
        message.msg_iovlen = Int(count)
        return sendmsg(socket.descriptor, &message, CInt(MSG_NOSIGNAL))
    }

    func sentBytes(_ count: Int) {
        bytesSent &+= UInt64(count)
        loop.statistics.bytesSent &+= UInt64(count)
        lastActivity = loop.now.nanoseconds
    }

    /// Output is left waiting: watches the write timeout and the watermarks.
    func outputGrew() {
        if !isAboveWatermark, pendingOutput > options.limits.highWatermark {
            isAboveWatermark = true
            blockIsUntold = true
        }
        // Whoever writes from inside a callback sees the flag at once, and is told when the engine is done.
        guard !isInEngine else { return }
        if pendingOutput > options.limits.maximumOutput { return finish(.outputOverflow) }
        rearm()
        if blockIsUntold {
            blockIsUntold = false
            handler?.outputBlocked(self)
        }
    }
}
