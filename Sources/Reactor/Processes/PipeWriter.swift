import Bytes
import Glibc

/// Our end of a child's standard input, and what waits to be written to it: from before the program runs on.
final class PipeWriter {
    private let loop: EventLoop
    private let limits: ChildCommand.Limits
    /// Nil once closed.
    private var supervisor: ChildSupervisor?
    /// -1 until there is a program.
    private var descriptor: CInt = -1
    private var output = OutputQueue()
    private var isBlocked = false
    private var isFinishing = false

    init(for supervisor: ChildSupervisor) {
        loop = supervisor.loop
        limits = supervisor.limits
        self.supervisor = supervisor
    }

    var pending: Int { output.byteCount }

    /// Takes `descriptor` over, also where this fails; the loop's first event begins to write.
    func open(_ descriptor: CInt) throws(SystemError) {
        self.descriptor = descriptor
        try loop.register(descriptor, self)
    }

    /// False where nothing was taken: the queue is full, or the input closed.
    func write(_ bytes: SharedBytes) -> Bool {
        guard supervisor != nil, !isFinishing else { return false }
        guard output.byteCount + bytes.count <= limits.maximumInput else { return false }
        output.append(bytes)
        flush()
        if output.byteCount > limits.highWatermark, !isBlocked {
            isBlocked = true
            supervisor?.inputBlocked()
        }
        return true
    }

    /// Closes the input after what waits has been written.
    func finish() {
        isFinishing = true
        flush()
    }

    func close() {
        guard supervisor != nil else { return }
        supervisor = nil
        output.removeAll()
        guard descriptor >= 0 else { return }
        loop.deregister(descriptor, closing: true)
        Glibc.close(descriptor)
    }

    private func flush() {
        guard descriptor >= 0, let supervisor else { return }
        while !output.isEmpty {
            let count = output.send { vectors, count in writev(descriptor, vectors, count) }
            if count >= 0 || errno == EINTR { continue }
            if errno == EAGAIN { break }
            // EPIPE: the program has closed its input, or ended. What was meant for it is lost.
            close()
            return supervisor.inputClosed()
        }
        if isFinishing, output.isEmpty { return close() }
        if isBlocked, output.byteCount <= limits.lowWatermark {
            isBlocked = false
            supervisor.inputDrained()
        }
    }
}

extension PipeWriter: EventSource {
    func ready(_ readiness: Readiness) {
        flush()
        // The reading end is gone; without anything to write no error would tell.
        guard readiness.contains(.failed), let supervisor else { return }
        close()
        supervisor.inputClosed()
    }
}
