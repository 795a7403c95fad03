import Glibc

/// What the system says of the test process itself.
package enum ProcessSelf {
    /// Descriptors open now.
    package static var openDescriptors: Int {
        entries(of: "/proc/self/fd") - 1  // the directory itself
    }

    /// Threads that there are now.
    package static var threads: Int { entries(of: "/proc/self/task") }

    /// CPU time of the calling thread.
    package static var threadNanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private static func entries(of path: String) -> Int {
        guard let directory = opendir(path) else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count - 2  // "." and ".."
    }

    /// Resident memory in bytes.
    package static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return -1 }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        guard fgets(&buffer, CInt(buffer.count), file) != nil else { return -1 }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (Int(text.split(separator: " ")[1]) ?? 0) * Int(getpagesize())
    }
}
