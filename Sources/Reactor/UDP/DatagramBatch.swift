/// What one receive brought from one peer: a datagram, or several of one flow that the kernel has grouped, with what is
/// known about their way. Borrowed from the loop's scratch memory.
package struct DatagramBatch: ~Escapable {
    /// All datagrams one after the other, as `UDPSocket.forward` sends them on in one piece.
    package let bytes: RawSpan

    /// Size of every datagram but the last, which may be shorter; the whole size where there is one.
    package let segmentSize: Int

    package let peer: SocketAddress

    /// The address of ours that they were sent to, to answer from; nil for a group or a broadcast address, and where
    /// the kernel does not say.
    package let local: SocketAddress.Host?

    /// Index of the interface that they came through, on a socket bound to a wildcard address; otherwise 0.
    package let interface: UInt32

    package let trafficClass: TrafficClass

    @_lifetime(copy bytes)
    init(
        bytes: RawSpan, segmentSize: Int, peer: SocketAddress, local: SocketAddress.Host?, interface: UInt32,
        trafficClass: TrafficClass
    ) {
        self.bytes = bytes
        self.segmentSize = segmentSize
        self.peer = peer
        self.local = local
        self.interface = interface
        self.trafficClass = trafficClass
    }

    /// Number of datagrams, at least 1: an empty datagram is one.
    package var count: Int {
        bytes.byteCount <= segmentSize ? 1 : (bytes.byteCount + segmentSize - 1) / segmentSize
    }

    /// One datagram; `position` is 0 to `count` − 1.
    package subscript(position: Int) -> RawSpan {
        @_lifetime(copy self)
        get {
            precondition(position >= 0 && position < count, "datagram outside the batch")
            let start = position * segmentSize
            return bytes.extracting(start..<min(start + segmentSize, bytes.byteCount))
        }
    }
}
