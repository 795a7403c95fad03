import Bytes
import CLinux

/// Gathers what the datagram sockets of a loop send during a round, and gives it to the kernel at the end, or earlier
/// where the arena is full: one system call per socket for up to 32 messages, one message per flow. Large runs are
/// messages already, and are not gathered but sent at once, from where they lie.
///
/// The arena is shared because it is empty between two rounds: a socket without traffic costs no memory here.
final class DatagramOutbox: OutputGatherer {
    private var arena = DatagramArena()
    /// Sockets with messages in the arena, each once.
    private var waiting: [UDPSocket] = []
    private var isScheduled = false

    /// Bytes from which on a run is sent at once: to copy more than a page costs more than a system call.
    static var smallestSentAtOnce: Int { 4096 }
    /// The one message of `sendAtOnce`, and its piece.
    private let single = UnsafeMutablePointer<clinux_udp_message>.allocate(capacity: 1)
    private let piece = UnsafeMutablePointer<clinux_udp_piece>.allocate(capacity: 1)

    init() {
        single.initialize(to: clinux_udp_message())
        piece.initialize(to: clinux_udp_piece())
    }

    deinit {
        single.deallocate()
        piece.deallocate()
    }

    /// Queues datagrams of `segment` bytes, the last of which may be shorter.
    func append(_ run: RawSpan, segment: Int, of flow: DatagramFlow, on socket: UDPSocket) {
        var rest = run
        repeat {
            if !arena.hasRoom(for: min(segment, rest.byteCount)) {
                sendAll()
                if socket.isBlocked { return socket.keep(rest, segment: segment, of: flow) }
            }
            if socket.chain.first < 0 { waiting.append(socket) }
            let taken = arena.append(
                rest, segment: segment, of: flow, to: &socket.chain,
                maximumSegments: segment <= socket.largestSegment ? DatagramArena.maximumSegments : 1)
            rest = rest.extracting(taken..<rest.byteCount)
        } while rest.byteCount > 0
        guard !isScheduled else { return }
        isScheduled = true
        socket.loop.flushAfterRound(self)
    }

    /// Sends datagrams that one message can hold from where they lie. Nothing of `socket` may be waiting in the arena.
    func sendAtOnce(_ run: RawSpan, segment: Int, of flow: DatagramFlow, on socket: UDPSocket) {
        let size = UInt32(run.byteCount)
        let count = (run.byteCount + segment - 1) / segment
        single.pointee = clinux_udp_message(flow, segment: segment, length: size, count: UInt32(count))
        piece.pointee.length = size
        run.withUnsafeBytes { bytes in
            // Safe: `transmit` only reads, and has sent or copied the bytes when it returns.
            socket.transmit(clinux_udp_outbox(bytes: bytes.baseAddress, messages: single, pieces: piece), from: 0)
        }
    }

    /// The end of a round.
    func flush() {
        isScheduled = false
        sendAll()
    }

    /// Sends everything now. What the kernel does not take goes to the sockets' backlogs.
    func sendAll() {
        guard !waiting.isEmpty else { return }
        for socket in waiting {
            let first = socket.chain.first
            socket.chain = DatagramArena.Chain()
            socket.transmit(arena.view, from: first)
        }
        waiting.removeAll(keepingCapacity: true)
        arena.removeAll()
    }
}
