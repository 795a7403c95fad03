import CLinux
import Glibc

/// What the system lets this process have.
package enum ResourceLimits {
    /// Raises the number of descriptors to the most that is allowed, and returns what holds then.
    package static func raiseOpenFiles() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { limit.rlim_cur = before }
        return Int(clamping: limit.rlim_cur)
    }
}

/// How many processors this process may use: its affinity counts, not the machine.
package enum ProcessorCount {
    package static var available: Int { max(1, Int(clinux_usable_processors())) }
}
