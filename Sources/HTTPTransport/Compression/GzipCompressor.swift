import Bytes
import CZlib

/// Compresses whole texts with gzip (RFC 1952), one after the other.
///
/// It keeps zlib's memory, about 256 KiB, from one to the next, so a loop has one for all its connections. Not for
/// streams.
final class GzipCompressor {
    private let stream: UnsafeMutablePointer<z_stream>

    /// How much work goes into it, as zlib's level: 1 for fast to 9 for small.
    enum Effort: Int32 {
        /// Somebody waits, and pays for the time that others wait as well.
        case whenAsked = 4
        /// It is done once and sent often.
        case beforehand = 9
    }

    init(_ effort: Effort) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Safe: the stream is zeroed, which is how zlib wants it; it never moves, which zlib relies on.
        precondition(
            czlib_deflate_init_gzip(stream, effort.rawValue, 8) == Z_OK, "no memory for zlib")
    }

    deinit {
        // Safe: initialised above, and nobody else has the pointer.
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The text compressed, or nil where that would not be shorter.
    func compress(_ text: RawSpan) -> SharedBytes? {
        let maximum = text.byteCount - 1
        guard maximum > 0, maximum < UInt32.max else { return nil }
        var writer = ByteWriter(capacity: 0)
        var isComplete = false
        writer.append(room: maximum) { spare in
            text.withUnsafeBytes { text in
                // Safe: zlib reads `avail_in` bytes, writes at most `avail_out`, and keeps neither pointer beyond the
                // reset.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: text.bindMemory(to: UInt8.self).baseAddress)
                stream.pointee.avail_in = UInt32(text.count)
                stream.pointee.next_out = spare.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(maximum)
                isComplete = deflate(stream, Z_FINISH) == Z_STREAM_END
            }
            let written = maximum - Int(stream.pointee.avail_out)
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
            deflateReset(stream)
            return written
        }
        // The room for the whole text would live on behind the few bytes that are used of it.
        return isComplete ? SharedBytes(copying: writer.bytes) : nil
    }
}
