import Synchronization

/// The status that the program ends with, decided on a loop and read by the main thread.
package final class ProgramOutcome: Sendable {
    private let raw = Atomic<Int32>(0)

    package init() {}

    package var status: Int32 {
        get { raw.load(ordering: .acquiring) }
        set { raw.store(newValue, ordering: .releasing) }
    }
}
