package import Bytes
import CLinux
import Glibc
package import Telemetry

/// Bounds of one loop.
package struct LoopLimits: Sendable {
    /// Messages from other threads that may wait; beyond, `LoopHandle.submit` refuses.
    package var maximumMail = 65_536
    /// Events taken from the kernel at once.
    package var eventsPerPoll = 512
    /// Timers fired before sockets get their turn again.
    package var timersPerTurn = 4_096
    /// While datagrams stream in singly, the loop looks at its datagram sockets once in this time, rather than at every
    /// burst: what they may be delayed by. 0 for never delaying them. See `WakeModeration`.
    package var datagramInterval: Duration = .milliseconds(1)
    /// From one look at the connections that are paced to the next: what pacing adds to their latency, on average half
    /// of it.
    package var pacedInterval: Duration = .milliseconds(40)

    package init() {}
}

/// One thread's epoll loop with its descriptors, timers and scratch memory.
///
/// Not `Sendable`: only code that runs on the loop can have a reference. Others hold its `LoopHandle`.
///
///     ┌─► wait (epoll) ─► events ─► again-list ─► timers ─► mail, jobs ─► closings ─► gathered output ─┐
///     └────────────────────────────────────────────────────────────────────────────────────────────────┘
package final class EventLoop {
    struct Slot {
        var source: (any EventSource)?
        var generation: UInt32 = 0
        var isDatagram = false
        var isPaced = false
    }

    package let handle: LoopHandle
    package let limits: LoopLimits
    /// For what an operator should know of sockets and loops.
    package let log: Logger

    /// The time at which this round of events was taken; what "now" means to everything on the loop.
    package internal(set) var now: Instant

    /// Memory that reads go through; see `Scratch`.
    package let scratch = Scratch()
    /// Memory that TLS works in, taken when the first connection needs it.
    private(set) lazy var tlsWorkspace = TLSWorkspace()
    /// What the datagram sockets of the loop share, taken when the first is opened.
    private(set) lazy var datagrams = DatagramExchange()

    package internal(set) var statistics = LoopStatistics()

    /// Closures that other threads have tickets for.
    var callbacks = CallbackTable()
    var ports = PortTable()

    let poller: Poller
    /// Watches the datagram sockets, and is itself watched by `poller`; there from the first socket on.
    private(set) var datagramPoller: Poller?
    /// Whether `poller` tells of datagrams. It is as `moderation` wants it, unless the kernel has refused that.
    private(set) var isWokenByDatagrams = true
    /// There from the first connection that is paced on.
    private var paced: PacedDescriptors?
    private var refusals = RepeatGate()
    private var moderation: WakeModeration
    /// What the datagram sockets have brought since they were last looked at.
    private var arrived = (datagrams: 0, messages: 0)
    private var slots: [Slot] = []
    private var timers: TimerWheel<(target: any TimerTarget, token: UInt32)>
    private var againList: [any EventSource] = []
    private var againThisRound: [any EventSource] = []
    private var deferred: [() -> Void] = []
    private var gatherers: [any OutputGatherer] = []
    private var mail = LoopHandle.Mail()

    init(handle: LoopHandle, limits: LoopLimits, log: Logger) throws(SystemError) {
        self.handle = handle
        self.limits = limits
        self.log = log
        now = MonotonicClock.now()
        timers = TimerWheel(tick: now.nanoseconds / 1_000_000)
        moderation = WakeModeration(interval: limits.datagramInterval)
        poller = try Poller(eventsPerWait: limits.eventsPerPoll)
        // The wake descriptor has no source: the loop itself looks for its tag.
        try poller.add(handle.wakeDescriptor, .input, tag: Self.wakeTag)
    }

    private static var wakeTag: UInt64 { .max }
    private static var datagramTag: UInt64 { .max - 1 }

    // MARK: - Running

    /// Runs until the handle is asked to stop, on the thread that calls it.
    func run() {
        handle.bindToCurrentThread()
        while !mail.stopIsWanted {
            swap(&againList, &againThisRound)
            poll()
            runAgain()
            fireTimers()
            runMail()
            runDeferred()
            flushGathered()
            statistics.roundEnded(began: now, ended: MonotonicClock.now())
        }
        end()
    }

    /// Lets everything on the loop close what it holds, and tasks that this resumes run on to their next wait.
    private func end() {
        handle.closeMailbox()
        // What ends may begin something new; whoever does so without end is left behind.
        var roundsLeft = 64
        repeat {
            runMail()
            endSources()
            for callback in callbacks.takeAll() { callback.ended() }
            runDeferred()
            roundsLeft -= 1
        } while roundsLeft > 0 && (handle.hasLocalJobs || !callbacks.isEmpty || watchedDescriptors > 0)
        let left = (slots, ports.takeAll())
        slots = []
        withExtendedLifetime(left) {}
    }

    private func endSources() {
        for index in slots.indices {
            guard let source = slots[index].source else { continue }
            source.loopEnded()
            if slots[index].source === source { _ = slots[index].source.take() }
        }
    }

    private var hasWorkAtHand: Bool {
        !againThisRound.isEmpty || !deferred.isEmpty || !gatherers.isEmpty || handle.hasLocalJobs
    }

    private func poll() {
        let count = poller.wait(nanoseconds: hasWorkAtHand ? 0 : nanosecondsToWait())
        now = MonotonicClock.now()
        let datagramsCame = dispatch(count, from: poller)
        if datagramsCame || moderation.nextLook.map({ $0 <= now.nanoseconds }) ?? false { pollDatagrams() }
        if let due = paced?.nextLook, due <= now.nanoseconds { pollPaced() }
    }

    private func pollPaced() {
        guard let poller = paced?.poller else { return }
        let count = poller.wait(nanoseconds: 0)
        _ = dispatch(count, from: poller)
        paced?.looked(found: count, at: now.nanoseconds)
    }

    private func nanosecondsToWait() -> Int64 {
        let due = min(
            timers.nextTick.map { $0 &* 1_000_000 } ?? .max, moderation.nextLook ?? .max, paced?.nextLook ?? .max)
        guard due != .max else { return -1 }
        let now = MonotonicClock.now().nanoseconds
        return due > now ? Int64(clamping: due - now) : 0
    }

    /// Tells the sources; returns whether a datagram socket is ready.
    private func dispatch(_ count: Int, from poller: Poller) -> Bool {
        var datagramsCame = false
        for position in 0..<count {
            let (tag, readiness) = poller.event(position)
            if tag == Self.wakeTag { continue }
            if tag == Self.datagramTag {
                datagramsCame = true
                continue
            }
            let descriptor = Int(tag & 0xFFFF_FFFF)
            // A stale event: the descriptor was closed, and maybe opened anew, earlier in this round.
            guard slots[descriptor].generation == UInt32(tag >> 32), let source = slots[descriptor].source else {
                continue
            }
            source.ready(readiness)
        }
        statistics.events &+= UInt64(count)
        return datagramsCame
    }

    private func pollDatagrams() {
        guard let datagramPoller else { return }
        arrived = (0, 0)
        let count = datagramPoller.wait(nanoseconds: 0)
        _ = dispatch(count, from: datagramPoller)
        let found = WakeModeration.Found(
            isReady: count > 0, datagrams: arrived.datagrams, messages: arrived.messages)
        moderation.looked(found: found, isFull: datagramPoller.isFull(count), at: now.nanoseconds)
        let wakes = moderation.state == .listening
        guard wakes != isWokenByDatagrams else { return }
        do {
            try poller.change(datagramPoller.descriptor, wakes ? .input : [], tag: Self.datagramTag)
            isWokenByDatagrams = wakes
        } catch {
            // Being woken too often does no harm. Where nobody would wake the loop, it goes on looking by itself.
            log.error(
                "datagrams cannot be watched as wanted", every: &refusals, at: now, ["error": "\(error)"])
            if wakes { moderation.keepPolling(at: now.nanoseconds) }
        }
    }

    private func runAgain() {
        for source in againThisRound { source.ready([]) }
        againThisRound.removeAll(keepingCapacity: true)
    }

    private func fireTimers() {
        let tick = now.nanoseconds / 1_000_000
        var left = limits.timersPerTurn
        while left > 0, let due = timers.popExpired(now: tick) {
            due.target.timerFired(due.token)
            left -= 1
        }
    }

    private func runMail() {
        handle.takeMail(into: &mail)
        for message in mail.messages { message(self) }
        for job in mail.jobs { handle.run(job) }
        mail.messages.removeAll(keepingCapacity: mail.messages.count < 1_024)
        mail.jobs.removeAll(keepingCapacity: mail.jobs.count < 1_024)
        handle.runLocalJobs()
    }

    private func runDeferred() {
        while !deferred.isEmpty {
            let work = deferred
            deferred = []
            for closure in work { closure() }
        }
    }

    private func flushGathered() {
        while let gatherer = gatherers.popLast() { gatherer.flush() }
    }
}

// MARK: - Descriptors

extension EventLoop {
    /// Watches `descriptor` for reading and writing, edge-triggered, until `deregister`. The loop keeps `source`.
    package func register(_ descriptor: CInt, _ source: any EventSource) throws(SystemError) {
        makeSlot(descriptor)
        try poller.add(descriptor, [.input, .output], tag: tag(of: descriptor))
        slots[Int(descriptor)].source = source
    }

    /// Watches a datagram socket, for reading only until `watchOutput`: the kernel would raise an edge for every
    /// datagram that has left. When it is told is for `WakeModeration` to say.
    func registerDatagrams(_ descriptor: CInt, _ source: any EventSource) throws(SystemError) {
        makeSlot(descriptor)
        if datagramPoller == nil { try openDatagramPoller() }
        try datagramPoller?.add(descriptor, .input, tag: tag(of: descriptor))
        slots[Int(descriptor)].source = source
        slots[Int(descriptor)].isDatagram = true
    }

    /// A datagram socket has read so much: how well the kernel groups datagrams decides how they are waited for.
    func read(datagrams: Int, messages: Int) {
        arrived.datagrams += datagrams
        arrived.messages += messages
    }

    /// Begins or ends to watch a datagram socket for writing.
    func watchOutput(_ descriptor: CInt, _ isWatched: Bool) throws(SystemError) {
        try datagramPoller?.change(descriptor, isWatched ? [.input, .output] : .input, tag: tag(of: descriptor))
    }

    private func makeSlot(_ descriptor: CInt) {
        let index = Int(descriptor)
        if index >= slots.count {
            let size = max(index + 1, slots.count * 2, 64)
            slots.reserveCapacity(size)
            while slots.count < size { slots.append(Slot()) }
        }
        precondition(slots[index].source == nil, "a descriptor has one source")
    }

    private func openDatagramPoller() throws(SystemError) {
        let datagrams = try Poller(eventsPerWait: limits.eventsPerPoll)
        try poller.add(datagrams.descriptor, .input, tag: Self.datagramTag)
        datagramPoller = datagrams
    }

    private func tag(of descriptor: CInt) -> UInt64 {
        UInt64(slots[Int(descriptor)].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    /// Stops watching; events already taken from the kernel are dropped. Call it before the descriptor is closed or
    /// given away; the caller closes it.
    package func deregister(_ descriptor: CInt, closing: Bool) {
        let index = Int(descriptor)
        guard index < slots.count, slots[index].source != nil else { return }
        let source = slots[index].source.take()
        // Who ends with this may call the loop: not before all is done.
        defer { withExtendedLifetime(source) {} }
        slots[index].generation &+= 1
        // A descriptor that is closed leaves epoll by itself: it is never duplicated, for everything is CLOEXEC.
        if slots[index].isPaced {
            paced?.remove(descriptor, isClosing: closing)
        } else if !closing {
            (slots[index].isDatagram ? datagramPoller : poller)?.remove(descriptor)
        }
        slots[index].isDatagram = false
        slots[index].isPaced = false
    }

    /// From here on events of a stream's descriptor come every `pacedInterval`, or again as they happen.
    ///
    /// What has happened meanwhile is told by the next look: registering raises an edge.
    func pace(_ descriptor: CInt, _ isPaced: Bool) throws(SystemError) {
        let index = Int(descriptor)
        guard index < slots.count, slots[index].source != nil, slots[index].isPaced != isPaced else { return }
        if isPaced {
            if paced == nil {
                paced = try PacedDescriptors(
                    interval: limits.pacedInterval, eventsPerWait: limits.eventsPerPoll)
            }
            poller.remove(descriptor)
            try paced?.add(descriptor, tag: tag(of: descriptor), at: now.nanoseconds)
        } else {
            paced?.remove(descriptor, isClosing: false)
            try poller.add(descriptor, [.input, .output], tag: tag(of: descriptor))
        }
        slots[index].isPaced = isPaced
    }

    /// Descriptors watched now; it counts them.
    package var watchedDescriptors: Int { slots.count { $0.source != nil } }

    /// Calls `source.ready([])` in the next round, before which all other sources get their turn.
    package func again(_ source: any EventSource) { againList.append(source) }

    /// Runs `work` at the end of this round: what must not happen inside the caller's caller.
    package func afterRound(_ work: @escaping () -> Void) { deferred.append(work) }

    /// Calls `gatherer.flush()` once, after everything else in this round.
    package func flushAfterRound(_ gatherer: any OutputGatherer) { gatherers.append(gatherer) }
}

// MARK: - Timers

extension EventLoop {
    /// Calls `target.timerFired(token)` once, `delay` from now, to the millisecond and never early. The loop keeps
    /// `target` until then.
    package func arm(after delay: Duration, _ target: any TimerTarget, token: UInt32 = 0) -> TimerID {
        arm(at: now + delay, target, token: token)
    }

    package func arm(at deadline: Instant, _ target: any TimerTarget, token: UInt32 = 0) -> TimerID {
        timers.arm(at: (deadline.nanoseconds + 999_999) / 1_000_000, (target, token))
    }

    /// Does nothing where the timer has fired.
    package func cancel(_ timer: TimerID) {
        let cancelled = timers.cancel(timer)
        // The last reference may be this one, and who ends may call the loop: not while the wheel is being changed.
        withExtendedLifetime(cancelled) {}
    }

    package var armedTimers: Int { timers.count }
}

extension LogSubsystem {
    /// Loops and sockets.
    package static let reactor = LogSubsystem("reactor")
}
