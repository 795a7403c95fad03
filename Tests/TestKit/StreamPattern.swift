import Glibc

/// Bytes of a stream that show what was lost, doubled or moved. They are made once, copied and compared as wholes: the
/// thread sanitizer has one look at each piece then, and not one at each byte.
package enum StreamPattern {
    private static let period = 65_521
    private static let twice = (0..<2 * period).map { position in
        UInt8(truncatingIfNeeded: position % period &* 2_654_435_761 >> 7)
    }

    /// What the stream has from `position` on.
    package static func bytes(from position: Int, count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let start = (position + bytes.count) % period
            bytes += twice[start..<start + min(period, count - bytes.count)]
        }
        return bytes
    }

    /// Whether these are the bytes of the stream from `position` on.
    package static func matches(_ span: RawSpan, from position: Int) -> Bool {
        span.withUnsafeBytes { given in
            twice.withUnsafeBytes { twice in
                stride(from: 0, to: given.count, by: period).allSatisfy { start in
                    // Safe: both blocks lie within their buffers, of which neither is empty here.
                    let wanted = twice.baseAddress! + (position + start) % period
                    return memcmp(given.baseAddress! + start, wanted, min(period, given.count - start)) == 0
                }
            }
        }
    }
}
