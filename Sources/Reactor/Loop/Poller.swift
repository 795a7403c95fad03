import CLinux
import Glibc

/// One epoll instance, edge-triggered throughout, with room for the events of one wait.
final class Poller {
    /// What a descriptor is watched for; errors and hang-ups are always told.
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let input = Interest(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLPRI.rawValue)
        static let output = Interest(rawValue: EPOLLOUT.rawValue)
    }

    let descriptor: CInt
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init(eventsPerWait: Int) throws(SystemError) {
        events = .allocate(capacity: eventsPerWait)
        events.initialize(repeating: epoll_event())
        descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .last("epoll_create1") }
    }

    deinit {
        close(descriptor)
        events.deallocate()
    }

    func add(_ watched: CInt, _ interest: Interest, tag: UInt64) throws(SystemError) {
        let bits = interest.rawValue | EPOLLET.rawValue
        guard clinux_epoll_add(descriptor, watched, bits, tag) == 0 else { throw .last("epoll_ctl") }
    }

    /// Watches for something else; what is there already is told as a new edge. Without any interest the descriptor
    /// keeps its place and is silent.
    func change(_ watched: CInt, _ interest: Interest, tag: UInt64) throws(SystemError) {
        let bits = interest.rawValue | EPOLLET.rawValue
        guard clinux_epoll_change(descriptor, watched, bits, tag) == 0 else { throw .last("epoll_ctl") }
    }

    func remove(_ watched: CInt) { epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, nil) }

    /// Waits at most `nanoseconds` (−1 for ever) and returns the number of events; 0 after a signal as well.
    func wait(nanoseconds: Int64) -> Int {
        max(0, Int(clinux_epoll_wait(descriptor, events.baseAddress, CInt(events.count), nanoseconds)))
    }

    /// Whether `count` events are all that one wait can give, so that there may be more.
    func isFull(_ count: Int) -> Bool { count == events.count }

    /// What the last wait has told; `position` is less than what it returned.
    func event(_ position: Int) -> (tag: UInt64, readiness: Readiness) {
        // Safe: as many events are there as `wait` returned.
        (events[position].data.u64, Readiness(rawValue: events[position].events))
    }
}
