/// Descriptors that nobody is woken for: their events are looked at every so often, all together.
///
/// A loop that is woken for each small piece of a stream spends more on waking up than on the piece. Whoever can wait a
/// moment for input gets it in larger pieces this way, and the loop handles many in one round.
struct PacedDescriptors {
    let poller: Poller
    private let interval: UInt64
    private var count = 0
    /// When to look next, on the loop's clock in nanoseconds; nil where there are none.
    private(set) var nextLook: UInt64?

    init(interval: Duration, eventsPerWait: Int) throws(SystemError) {
        poller = try Poller(eventsPerWait: eventsPerWait)
        self.interval = interval.wholeNanoseconds
    }

    mutating func add(_ descriptor: CInt, tag: UInt64, at now: UInt64) throws(SystemError) {
        try poller.add(descriptor, [.input, .output], tag: tag)
        count += 1
        if nextLook == nil { nextLook = now + interval }
    }

    /// Leaves the kernel's part to the close where `isClosing`.
    mutating func remove(_ descriptor: CInt, isClosing: Bool) {
        if !isClosing { poller.remove(descriptor) }
        count -= 1
        if count == 0 { nextLook = nil }
    }

    /// There may be more at once where as many events came as are taken at one time.
    mutating func looked(found: Int, at now: UInt64) {
        guard count > 0 else { return }
        nextLook = poller.isFull(found) ? now : now + interval
    }
}

extension Duration {
    fileprivate var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(seconds, 0)) * 1_000_000_000 + UInt64(max(attoseconds, 0)) / 1_000_000_000
    }
}
