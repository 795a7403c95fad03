/// What happens on a datagram socket, told to its owner on the loop.
package protocol UDPHandler: AnyObject {
    /// One datagram, or several of one flow that arrived together. They lie in the loop's scratch memory: copy what is
    /// needed after the call. What is sent from here leaves at the end of the round at the latest, grouped by flow.
    func received(_ datagrams: DatagramBatch, on socket: UDPSocket)

    /// Everything that was read in this turn has been told.
    func batchEnded(on socket: UDPSocket)

    /// The network or the kernel has refused something: on a connected socket ECONNREFUSED, EHOSTUNREACH and the like
    /// as ICMP reports them, or what a send failed with. The socket stays open and usable; it is the owner's to judge
    /// what a failure means for the peer. Told at most once per round, with the first of the round;
    /// `UDPCounters` has the number.
    func failed(_ error: SystemError, on socket: UDPSocket)
}

extension UDPHandler {
    package func batchEnded(on socket: UDPSocket) {}
    package func failed(_ error: SystemError, on socket: UDPSocket) {}
}
