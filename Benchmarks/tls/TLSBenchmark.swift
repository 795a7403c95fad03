import Bytes
import Glibc
import Reactor
import TestKit

/// What TLS costs: handshakes and bytes per second of one core, and memory per idle connection.
///
/// `bench-tls [handshakes|bulk|idle|leaks] [connections]`; without an argument all of them. Both ends run in this
/// process, and each is timed by itself. `leaks` with few connections is meant for valgrind.
@main
enum TLSBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let part = arguments.first
        let count = arguments.dropFirst().first.flatMap { Int($0) } ?? 5_000
        let all = ["handshakes", "bulk", "idle", "leaks"]
        if let part, !all.contains(part) {
            print("\(part) is none of \(all)")
            exit(2)
        }
        if part == nil || part == "handshakes" { try Handshakes.run() }
        if part == nil || part == "bulk" { try Bulk.run() }
        if part == nil || part == "idle" { try Idle.run(count: count) }
        if part == nil || part == "leaks" { try Leaks.run(count: count) }
    }
}

/// CPU time of this thread in nanoseconds.
func cpuTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// `value` with `digits` after the point.
func fixed(_ value: Double, _ digits: Int = 1) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return "\((value * scale).rounded() / scale)"
}
