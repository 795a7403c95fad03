import Bytes
import CLinux
import Glibc

/// The thread that writes lines; it alone may wait for the output.
///
/// The descriptor is left as it is, for its flags are shared with other processes: it may block or not. Before every
/// write it is polled, and no write is longer than a pipe that polls as writable surely takes, so that even a blocking
/// output cannot hold the thread when it is told to end (unless another process fills the pipe in between).
final class LogWriter: Sendable {
    private let descriptor: Int32
    private let queue: LogQueue
    private let encoder: LogEncoder
    private let clock: @Sendable () -> WallTime
    private let finished: WakeSignal

    /// What a pipe takes at once, undivided (`PIPE_BUF`, pipe(7)).
    private static let maximumWrite = 4096

    init(
        descriptor: Int32,
        queue: LogQueue,
        encoder: LogEncoder,
        clock: @escaping @Sendable () -> WallTime,
        finished: WakeSignal
    ) {
        self.descriptor = descriptor
        self.queue = queue
        self.encoder = encoder
        self.clock = clock
        self.finished = finished
    }

    /// Runs until the queue is closed and empty, on a thread that takes no signals: those are for others, and `SIGPIPE`
    /// of a closed output is for nobody.
    func start() throws(LogSinkError) {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        // Safe: the reference taken here is given back by the thread, or below where there is none.
        let writer = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                clinux_name_thread("log")
                Unmanaged<LogWriter>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, writer.toOpaque())
        guard code == 0 else {
            writer.release()
            throw .thread(code)
        }
        pthread_detach(thread)
    }

    private func run() {
        while let batch = queue.next() {
            queue.dropTaken(lost(writing: batch.lines))
            if batch.untold > 0, lost(writing: [dropNotice(batch.untold)]) > 0 { queue.tellLater(batch.untold) }
        }
        finished.signal()
    }

    private func dropNotice(_ count: UInt64) -> SharedBytes {
        let record = LogRecord(
            time: clock(), level: .warning, subsystem: "log", message: "log lines dropped", fields: ["count": count])
        return encoder.line(record)
    }

    /// Writes lines, as many at once as fit, and returns how many could not be written.
    private func lost(writing lines: [SharedBytes]) -> Int {
        var lost = 0
        var chunk = ByteWriter(capacity: Self.maximumWrite)
        var first = 0
        for (index, line) in lines.enumerated() {
            if !chunk.isEmpty, chunk.count + line.count > Self.maximumWrite {
                if !write(chunk.bytes) { lost += index - first }
                chunk.removeAll()
                first = index
            }
            chunk.append(line)
        }
        return write(chunk.bytes) ? lost : lost + lines.count - first
    }

    /// Writes everything, however long it takes; false where the output failed or is given up.
    private func write(_ bytes: RawSpan) -> Bool {
        var offset = 0
        while offset < bytes.byteCount {
            guard waitUntilWritable() else { return false }
            let piece = bytes.extracting(offset..<min(offset + Self.maximumWrite, bytes.byteCount))
            // Safe: the buffer is used only inside the closure.
            let written = piece.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                offset += written
            } else if errno != EAGAIN, errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Waits for room in the output, or for the order to give up; true as well where the next write will fail.
    private func waitUntilWritable() -> Bool {
        while !queue.isAbandoned {
            var events = [
                pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: queue.wake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&events, nfds_t(events.count), -1) > 0 else { continue }
            if events[0].revents != 0 { return true }
            // A new line is no reason to act here, for the queue is looked at again after this batch.
            queue.wake.wait()
        }
        return false
    }
}
