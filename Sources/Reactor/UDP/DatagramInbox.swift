import CLinux

/// The memory that a loop's datagrams come in through, so that a socket needs none of its own.
///
/// Every slot has room for the largest message, 64 KiB of grouped datagrams. Pages are touched only as messages need
/// them: 16 for single datagrams, about 1 MiB in all after bulk traffic. What was received is gone at the next receive
/// of any socket of the loop.
final class DatagramInbox {
    /// Messages that one call receives.
    static var slots: Int { Int(CLINUX_UDP_SLOTS) }
    static var largestMessage: Int { 64 * 1024 }
    /// One page more than the largest message, so that slots do not all fall into the same sets of the cache.
    private static var stride: Int { largestMessage + 4096 }

    private let memory: UnsafeMutableRawPointer
    private let arrivals: UnsafeMutablePointer<clinux_udp_arrival>
    private let headers: UnsafeMutableRawPointer

    init() {
        memory = .allocate(byteCount: Self.slots * Self.stride, alignment: 4096)
        arrivals = .allocate(capacity: Self.slots)
        arrivals.initialize(repeating: clinux_udp_arrival(), count: Self.slots)
        headers = .allocate(byteCount: clinux_udp_inbox_size(), alignment: 16)
        clinux_udp_inbox_set_up(OpaquePointer(headers), memory, Self.stride, Self.largestMessage)
    }

    deinit {
        headers.deallocate()
        arrivals.deallocate()
        memory.deallocate()
    }

    /// Receives without waiting. Returns the number of messages, at most `slots`, or −errno.
    func receive(from descriptor: CInt, isConnected: Bool) -> Int {
        // Safe: `arrivals` and `memory` have room for every slot, and `headers` was set up for this memory.
        Int(clinux_udp_receive(OpaquePointer(headers), descriptor, isConnected ? 1 : 0, arrivals))
    }

    /// What the last receive has put into `slot`, which is less than what it returned.
    func arrival(_ slot: Int) -> clinux_udp_arrival { arrivals[slot] }

    /// The payload in `slot`, `count` bytes of it; valid until the next receive.
    func payload(_ slot: Int, count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory + slot * Self.stride, count: min(count, Self.largestMessage))
    }
}
