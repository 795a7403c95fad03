import Bytes
import Reactor
import Synchronization

/// Compressed files, kept for who asks next; and a bound on how many are made at once, for a client can ask faster than
/// any number of cores can compress.
final class CompressedFiles: Sendable {
    /// One version of one file.
    struct Key: Hashable {
        private let device: UInt64
        private let inode: UInt64
        private let size: UInt64
        private let modified: FileStatus.Time

        init(_ status: FileStatus) {
            device = status.device
            inode = status.inode
            size = status.size
            modified = status.modified
        }
    }

    enum Answer: Equatable {
        /// It was made before; nil where that made it no smaller.
        case known(SharedBytes?)
        /// Make it, and say so with `made`.
        case yours
        /// As many as may be are being made: the file goes out as it is.
        case busy
    }

    struct Limits {
        var bytes = 16 * 1_024 * 1_024
        var files = 1_024
        var atOnce = 2
    }

    private struct State {
        var kept: [Key: SharedBytes?] = [:]
        /// The oldest first.
        var order: [Key] = []
        var bytes = 0
        var working = 0
    }

    private let limits: Limits
    private let state = Mutex(State())

    init(limits: Limits = Limits()) { self.limits = limits }

    func find(_ key: Key) -> Answer {
        state.withLock { state in
            if let known = state.kept[key] { return .known(known) }
            guard state.working < limits.atOnce else { return .busy }
            state.working += 1
            return .yours
        }
    }

    /// Ends what `.yours` began. `isKept` is false where the file may have changed under the same key, or was not read.
    func made(_ key: Key, _ compressed: SharedBytes?, isKept: Bool) {
        state.withLock { state in
            state.working -= 1
            guard isKept, state.kept.updateValue(compressed, forKey: key) == nil else { return }
            state.order.append(key)
            state.bytes += compressed?.count ?? 0
            while state.bytes > limits.bytes || state.order.count > limits.files {
                let oldest = state.kept.removeValue(forKey: state.order.removeFirst())
                state.bytes -= (oldest ?? nil)?.count ?? 0
            }
        }
    }
}
