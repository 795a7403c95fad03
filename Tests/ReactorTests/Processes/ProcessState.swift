import CLinux
import Glibc
import TestKit

/// What the system says of any process.
enum ProcessState {
    /// `R`, `S`, `Z`…; nil where there is no such process.
    static func of(_ pid: pid_t) -> Character? {
        guard let file = fopen("/proc/\(pid)/stat", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 512)
        guard fgets(&buffer, CInt(buffer.count), file) != nil else { return nil }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The name in brackets may hold anything.
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        return text[bracket...].dropFirst(2).first
    }

    /// Whether the process is gone, or only waits for whoever has inherited it.
    static func isDead(_ pid: pid_t) -> Bool {
        let state = of(pid)
        return state == nil || state == "Z"
    }

    static func isGone(_ pid: pid_t) -> Bool { of(pid) == nil }
}
