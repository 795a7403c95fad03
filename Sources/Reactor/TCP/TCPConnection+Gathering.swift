package import Bytes
import Glibc

extension TCPConnection {
    /// The system's bound of one call (`IOV_MAX`), less what goes around the pieces.
    private static let maximumPieces = 1_022

    /// Sends `header`, `pieces` and `trailer`, now as far as the kernel takes them, by one system call; only the rest
    /// is copied. With TLS, small ones share records. Ignored once closing.
    package func write(_ header: RawSpan, _ pieces: borrowing SpanPieces, _ trailer: RawSpan) {
        guard acceptsOutput, header.byteCount + pieces.byteCount + trailer.byteCount > 0 else { return }
        if let security {
            security.wait(copying: header)
            for range in pieces.ranges { security.wait(copying: pieces.bytes.extracting(range)) }
            security.wait(copying: trailer)
            if state == .open { flush() } else { outputGrew() }
            return
        }
        var sent = 0
        if output.isEmpty, state == .open {
            sent = sendNow(header, pieces, trailer)
            if sent < 0 || sent == header.byteCount + pieces.byteCount + trailer.byteCount { return }
        }
        willQueue()
        queue(header, after: &sent)
        for range in pieces.ranges { queue(pieces.bytes.extracting(range), after: &sent) }
        queue(trailer, after: &sent)
        outputGrew()
    }

    /// Queues what is left of `bytes` behind the first `sent`.
    private func queue(_ bytes: RawSpan, after sent: inout Int) {
        let skipped = min(sent, bytes.byteCount)
        sent -= skipped
        output.append(copying: bytes.extracting(skipped..<bytes.byteCount))
    }

    /// Bytes sent; negative where the connection has failed.
    private func sendNow(_ header: RawSpan, _ pieces: borrowing SpanPieces, _ trailer: RawSpan) -> Int {
        let used = min(pieces.ranges.count, Self.maximumPieces)
        // What is left out is queued behind; the trailer must not overtake it.
        let isWhole = used == pieces.ranges.count
        let count = header.withUnsafeBytes { header in
            pieces.bytes.withUnsafeBytes { bytes in
                trailer.withUnsafeBytes { trailer in
                    withUnsafeTemporaryAllocation(of: iovec.self, capacity: used + 2) { vectors in
                        vectors.initializeElement(at: 0, to: Self.vector(header))
                        for place in 0..<used {
                            // Safe: `SpanPieces` has checked its ranges.
                            let piece = UnsafeRawBufferPointer(rebasing: bytes[pieces.ranges[place]])
                            vectors.initializeElement(at: place + 1, to: Self.vector(piece))
                        }
                        vectors.initializeElement(at: used + 1, to: Self.vector(trailer))
                        return writev(vectors.baseAddress!, CInt(isWhole ? used + 2 : used + 1))
                    }
                }
            }
        }
        if count >= 0 {
            sentBytes(count)
            return count
        }
        if errno == EAGAIN || errno == EINTR { return 0 }
        fail(Self.reason(for: .last("sendmsg")))
        return -1
    }

    /// Safe: sending only reads, and the memory is borrowed for as long as that takes.
    private static func vector(_ bytes: UnsafeRawBufferPointer) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }
}
