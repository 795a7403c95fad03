import Bytes
import Glibc

/// Bytes that a socket, or TLS, has not taken yet, in order: shared ones by reference, small copies gathered into one
/// block.
///
/// Its owner bounds it. Empty, it holds no memory.
struct OutputQueue: ~Copyable {
    /// Copies are gathered into blocks of this size, so that many small writes do not become many allocations.
    private static var block: Int { 16 * 1024 }

    /// Shared bytes up to this size are copied into a block.
    private static var smallest: Int { 256 }

    private var segments: [SharedBytes] = []
    /// Segments before this position have been sent.
    private var head = 0
    /// Copies not yet frozen into a segment; they come after all segments.
    private var tail: ByteWriter?

    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    mutating func append(_ bytes: SharedBytes) {
        guard !bytes.isEmpty else { return }
        // A reference to a few bytes costs more memory than they do.
        guard bytes.count > Self.smallest else { return append(copying: bytes.bytes) }
        freezeTail()
        segments.append(bytes)
        byteCount += bytes.count
    }

    mutating func append(copying bytes: RawSpan) {
        guard bytes.byteCount > 0 else { return }
        byteCount += bytes.byteCount
        if bytes.byteCount >= Self.block {
            freezeTail()
            segments.append(SharedBytes(copying: bytes))
            return
        }
        if let used = tail?.count, used + bytes.byteCount > Self.block { freezeTail() }
        if tail == nil { tail = ByteWriter(capacity: max(bytes.byteCount, 1_024)) }
        tail!.append(bytes)
    }

    private mutating func freezeTail() {
        guard let writer = tail.take() else { return }
        // What is counted is the bytes, so the memory must not be much more.
        segments.append(writer.finishTightly())
    }

    /// Calls `body` with up to 64 vectors from the front and removes as many bytes as it returns; a negative result
    /// removes nothing and is passed on.
    mutating func send(_ body: (UnsafePointer<iovec>, CInt) -> Int) -> Int {
        freezeTail()
        let sent = withUnsafeTemporaryAllocation(of: iovec.self, capacity: 64) { vectors in
            var used = 0
            while used < 64, head + used < segments.count {
                let segment = segments[head + used]
                segment.bytes.withUnsafeBytes { bytes in
                    // Safe: the segment stays in the queue, and so in memory, until after `body`; writev only reads.
                    let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                    vectors.initializeElement(at: used, to: iovec(iov_base: base, iov_len: bytes.count))
                }
                used += 1
            }
            return body(vectors.baseAddress!, CInt(used))
        }
        if sent > 0 { remove(sent) }
        return sent
    }

    private mutating func remove(_ sent: Int) {
        byteCount -= sent
        var left = sent
        while left > 0 {
            let size = segments[head].count
            if left < size {
                segments[head] = segments[head].dropping(first: left)
                return
            }
            left -= size
            // The reference goes now, not when the array is compacted: fan-out buffers are large.
            segments[head] = .empty
            head += 1
        }
        if head == segments.count {
            segments = []
            head = 0
        } else if head >= 64, head * 2 >= segments.count {
            segments.removeFirst(head)
            head = 0
        }
    }

    /// Takes everything out, in order.
    mutating func takeAll() -> [SharedBytes] {
        freezeTail()
        defer { removeAll() }
        return Array(segments[head...])
    }

    mutating func removeAll() {
        segments = []
        head = 0
        _ = tail.take()
        byteCount = 0
    }
}
