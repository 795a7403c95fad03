import Foundation

/// What /proc says of a process.
struct ProcessStatus {
    let pid: pid_t

    /// Open descriptors; -1 where the process is gone.
    var openDescriptors: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? -1 }

    var threads: Int { number(in: "status", after: "Threads:") }

    /// Resident memory in bytes.
    var residentBytes: Int { number(in: "status", after: "VmRSS:") * 1024 }

    /// Time on processors so far, of all threads; the system counts it in hundredths of a second.
    var processorTime: Duration {
        // Behind the name, which is in parentheses: the state is field 3, user and system time 14 and 15 (proc(5)).
        let fields = contents("stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return .zero }
        return .milliseconds((user + system) * 10)
    }

    private func contents(_ file: String) -> String {
        (try? String(contentsOfFile: "/proc/\(pid)/\(file)", encoding: .utf8)) ?? ""
    }

    private func number(in file: String, after label: String) -> Int {
        let line = contents(file).split(separator: "\n").first { $0.hasPrefix(label) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? -1
    }
}
