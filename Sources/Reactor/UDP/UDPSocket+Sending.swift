import Bytes
import CLinux
import Glibc

extension UDPSocket {
    /// Sends one datagram, or with `segmentSize` several of that size (the last may be shorter): a large run at once, a
    /// small one at the end of the round together with others, until when it is kept in a copy. Datagrams to one peer,
    /// from one source and in one class keep their order.
    ///
    /// - `peer`: needed unless the socket is connected.
    /// - `source`: the address of ours that they leave from; nil for the one of the socket or of the route. A scope in
    ///   it pins the interface. Used to answer from the address that was spoken to.
    /// - `trafficClass`: nil for the socket's default.
    ///
    /// Ignored once closed. Nothing is reported here: `UDPCounters` tells what was dropped or refused.
    package func send(
        _ bytes: RawSpan, segmentSize: Int? = nil, to peer: SocketAddress? = nil,
        from source: SocketAddress.Host? = nil, trafficClass: TrafficClass? = nil
    ) {
        guard isOpen else { return }
        let segment = min(segmentSize ?? bytes.byteCount, bytes.byteCount)
        precondition(segment > 0 || bytes.byteCount == 0, "a segment has at least one byte")
        guard segment <= DatagramArena.maximumDatagram else {
            return refuse(1, SystemError("sendmmsg", EMSGSIZE))
        }
        let flow = DatagramFlow(
            descriptor: socket.descriptor, isConnected: peer == nil && peerAddress != nil, peer: peer ?? peerAddress,
            source: source, trafficClass: trafficClass)
        if isBlocked {
            keep(bytes, segment: segment, of: flow)
        } else if canSendAtOnce(bytes.byteCount, segment: segment) {
            exchange.outbox.sendAtOnce(bytes, segment: segment, of: flow, on: self)
        } else {
            exchange.outbox.append(bytes, segment: segment, of: flow, on: self)
        }
    }

    /// Whether it pays to send a run without copying it, and one message can hold it. What waits goes first.
    private func canSendAtOnce(_ count: Int, segment: Int) -> Bool {
        count >= DatagramOutbox.smallestSentAtOnce && chain.first < 0
            && (count == segment
                || segment <= largestSegment && count <= DatagramArena.maximumMessage
                    && count <= segment * DatagramArena.maximumSegments)
    }

    /// Sends on what another socket, or this one, has received: in one piece, with its traffic class.
    package func forward(
        _ datagrams: DatagramBatch, to peer: SocketAddress? = nil, from source: SocketAddress.Host? = nil
    ) {
        send(
            datagrams.bytes, segmentSize: datagrams.segmentSize, to: peer, from: source,
            trafficClass: datagrams.trafficClass)
    }

    /// Keeps what cannot be sent now, up to the bound.
    func keep(_ run: RawSpan, segment: Int, of flow: DatagramFlow) {
        let dropped = backlog.append(run, segment: segment, of: flow, maximum: options.limits.maximumOutput)
        counters.droppedOutput &+= UInt64(dropped)
    }

    /// The kernel takes output again.
    func resumeOutput() {
        isBlocked = false
        watchOutput(false)
        for message in backlog.takeAll() {
            if isBlocked {
                backlog.append(message)
            } else {
                exchange.outbox.append(message.bytes.bytes, segment: message.segment, of: message.flow, on: self)
            }
        }
    }

    private func watchOutput(_ isWatched: Bool) {
        do { try loop.watchOutput(socket.descriptor, isWatched) } catch { tell(error) }
    }
}

// MARK: - To the kernel

extension UDPSocket {
    /// Sends messages of this socket, from index `first` on along their chain. It calls no handler.
    func transmit(_ outbox: clinux_udp_outbox, from first: Int32) {
        var next = first
        var failure: SystemError?
        var outbox = outbox
        while next >= 0, !isBlocked {
            counters.sendCalls &+= 1
            let sent = clinux_udp_send(socket.descriptor, &outbox, next, localAddress.isIPv6 ? 1 : 0)
            if sent > 0 {
                if let pending = failure.take() { failedBefore(pending) }
                for _ in 0..<sent { next = countSent(outbox.messages[Int(next)]) }
            } else if sent == -EAGAIN {
                block()
            } else if sent != -EINTR, failure == nil, peerAddress != nil {
                // On a connected socket it may be the answer to an earlier datagram, and this one was not tried.
                failure = SystemError("sendmmsg", -sent)
            } else if sent != -EINTR {
                failure = nil
                next = recover(next, outbox, SystemError("sendmmsg", -sent))
            }
        }
        while next >= 0 {
            keep(next, outbox, skipping: 0)
            next = outbox.messages[Int(next)].next
        }
    }

    private func countSent(_ message: clinux_udp_message) -> Int32 {
        counters.datagramsSent &+= UInt64(message.count)
        counters.bytesSent &+= UInt64(message.length)
        return message.next
    }

    /// Deals with a message that the kernel refuses; returns the next one.
    private func recover(_ index: Int32, _ outbox: clinux_udp_outbox, _ error: SystemError) -> Int32 {
        let message = outbox.messages[Int(index)]
        switch error.code {
        case EIO, EINVAL, EMSGSIZE, EOPNOTSUPP:
            // No checksum offload on the way, a tunnel, or a segment larger than the path: the kernel cannot cut this.
            if message.count > 1 { transmitCut(index, outbox, error) } else { refuse(1, error) }
        default: refuse(Int(message.count), error)
        }
        return message.next
    }

    /// Sends the datagrams of a message each by itself. Where that works it was the cutting that failed.
    private func transmitCut(_ index: Int32, _ outbox: clinux_udp_outbox, _ error: SystemError) {
        let message = outbox.messages[Int(index)]
        let (count, segment) = (Int(message.count), Int(message.segment))
        var outbox = outbox
        var done = 0
        while done < count, !isBlocked {
            counters.sendCalls &+= 1
            let sent = clinux_udp_send_cut(
                socket.descriptor, &outbox, index, UInt32(done), localAddress.isIPv6 ? 1 : 0)
            if sent > 0 {
                learnRefusal(of: segment, error)
                let bytes = min((done + Int(sent)) * segment, Int(message.length)) - done * segment
                counters.datagramsSent &+= UInt64(sent)
                counters.bytesSent &+= UInt64(bytes)
                done += Int(sent)
            } else if sent == -EAGAIN {
                block()
                keep(index, outbox, skipping: done * segment)
            } else if sent != -EINTR {
                refuse(1, SystemError("sendmmsg", -sent))
                done += 1
            }
        }
    }

    /// Cutting is not tried again where the device cannot do it, nor with datagrams of this size towards a peer that is
    /// the only one: on a bound socket, the narrow path of one must not slow down all others.
    private func learnRefusal(of segment: Int, _ error: SystemError) {
        if error.code == EIO {
            largestSegment = 0
        } else if peerAddress != nil {
            largestSegment = min(largestSegment, segment - 1)
        }
    }

    private func refuse(_ datagrams: Int, _ error: SystemError) {
        counters.refusedOutput &+= UInt64(datagrams)
        tell(error)
    }

    private func block() {
        isBlocked = true
        watchOutput(true)
    }

    /// Moves a message to the backlog, without its first `skipped` bytes.
    private func keep(_ index: Int32, _ outbox: clinux_udp_outbox, skipping skipped: Int) {
        let message = outbox.messages[Int(index)]
        var copy = ByteWriter(capacity: Int(message.length) - skipped)
        outbox.forEachPiece(of: index, skipping: skipped) { copy.append($0) }
        keep(copy.bytes, segment: Int(message.segment), of: DatagramFlow(message))
    }
}
