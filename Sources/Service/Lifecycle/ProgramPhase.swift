import Synchronization

/// Where the program stands in its life; written by the lifecycle, read by every loop.
package final class ProgramPhase: Sendable {
    package enum Value: UInt8, Sendable {
        case starting
        case serving
        /// Asked to stop: what has begun may end, nothing new is wanted.
        case draining
    }

    private let raw = Atomic<UInt8>(Value.starting.rawValue)

    package init() {}

    package var value: Value {
        get { Value(rawValue: raw.load(ordering: .relaxed)) ?? .starting }
        set { raw.store(newValue.rawValue, ordering: .relaxed) }
    }
}
