import Bytes
import CLinux
import Glibc

extension UDPSocket {
    /// What an error takes from the budget of a turn, in datagrams: a peer that has only errors to send must not hold
    /// the loop.
    private static var costOfError: Int { 16 }

    /// Reads until the kernel has no more or the turn is over.
    func readAvailable() {
        var left = options.limits.datagramsPerTurn
        var hasDelivered = false
        while isOpen, mayRead, left > 0 {
            counters.receiveCalls &+= 1
            let count = exchange.inbox.receive(from: socket.descriptor, isConnected: peerAddress != nil)
            if count > 0 {
                // A call that leaves slots free has emptied the socket: what comes later is a new edge.
                mayRead = count == DatagramInbox.slots
                let datagrams = deliver(count)
                loop.read(datagrams: datagrams, messages: count)
                left -= datagrams
                hasDelivered = true
            } else if count == 0 || count == -Int(EAGAIN) {
                mayRead = false
            } else if count != -Int(EINTR) {
                failedBefore(SystemError("recvmmsg", CInt(-count)))
                left -= Self.costOfError
            }
        }
        if hasDelivered { handler?.batchEnded(on: self) }
        if isOpen, mayRead { takeAnotherTurn() }
    }

    /// Passes on what was received; returns the number of datagrams.
    private func deliver(_ count: Int) -> Int {
        guard let handler else { return count }
        var datagrams = 0
        for slot in 0..<count where isOpen {
            let arrival = exchange.inbox.arrival(slot)
            // The counter is the socket's own and only grows.
            if arrival.drops != 0 { counters.kernelDrops = UInt64(arrival.drops) }
            guard arrival.is_truncated == 0, let peer = peerAddress ?? SocketAddress(arrival.peer) else {
                counters.truncatedInput &+= 1
                datagrams += 1
                continue
            }
            let payload = exchange.inbox.payload(slot, count: Int(arrival.length))
            let batch = DatagramBatch(
                // Safe: the slot is not written to again before the handler has returned.
                bytes: RawSpan(_unsafeBytes: payload), segmentSize: Int(arrival.segment), peer: peer,
                local: localAddress.isWildcard ? arrival.local.host : localAddress.host,
                interface: arrival.interface, trafficClass: TrafficClass(rawValue: arrival.traffic_class))
            datagrams += batch.count
            counters.datagramsReceived &+= UInt64(batch.count)
            counters.bytesReceived &+= UInt64(payload.count)
            handler.received(batch, on: self)
        }
        return datagrams
    }
}

extension SocketAddress {
    init?(_ address: clinux_udp_address) {
        guard let host = address.host else { return nil }
        self.init(host, port: address.port)
    }
}
