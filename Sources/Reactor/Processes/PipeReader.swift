import Bytes
import Glibc

/// Our end of a child's standard output or error.
///
/// It keeps nothing: what it reads goes through the loop's scratch memory to the child's handler at once.
final class PipeReader {
    let stream: ChildProcess.OutputStream
    private let descriptor: CInt
    private let loop: EventLoop
    private let bytesPerTurn: Int
    /// Nil once closed.
    private var supervisor: ChildSupervisor?
    private(set) var isPaused = false
    /// An edge was seen and EAGAIN was not.
    private var mayRead = false
    private var isInAgainList = false

    /// Takes `descriptor` over, also where it fails.
    init(
        _ stream: ChildProcess.OutputStream, _ descriptor: CInt, isPaused: Bool, for supervisor: ChildSupervisor
    ) throws(SystemError) {
        self.stream = stream
        self.descriptor = descriptor
        self.isPaused = isPaused
        self.supervisor = supervisor
        loop = supervisor.loop
        bytesPerTurn = supervisor.limits.bytesPerTurn
        do throws(SystemError) {
            try loop.register(descriptor, self)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    func pause() { isPaused = true }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        if mayRead { takeAnotherTurn() }
    }

    func close() {
        guard supervisor != nil else { return }
        supervisor = nil
        loop.deregister(descriptor, closing: true)
        Glibc.close(descriptor)
    }

    private func takeAnotherTurn() {
        guard !isInAgainList else { return }
        isInAgainList = true
        loop.again(self)
    }
}

extension PipeReader: EventSource {
    func ready(_ readiness: Readiness) {
        if readiness.isEmpty { isInAgainList = false } else { mayRead = true }
        let input = loop.scratch.input
        var left = bytesPerTurn
        while mayRead, !isPaused, let supervisor {
            guard left > 0 else { return takeAnotherTurn() }
            let count = read(descriptor, input.baseAddress!, Scratch.normal)
            if count > 0 {
                left -= count
                let bytes = UnsafeRawBufferPointer(start: input.baseAddress!, count: count)
                // Safe: the scratch memory is not written to again before the handler has returned.
                supervisor.received(RawSpan(_unsafeBytes: bytes), from: stream)
            } else if count < 0, errno == EAGAIN {
                mayRead = false
            } else if count == 0 || errno != EINTR {
                close()
                supervisor.outputEnded(self)
            }
        }
    }
}
