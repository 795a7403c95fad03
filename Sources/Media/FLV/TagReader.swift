import Bytes

/// A `ByteReader` whose errors are those of tag bodies.
struct TagReader: ~Escapable {
    private var reader: ByteReader

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { reader = ByteReader(bytes) }

    var offset: Int { reader.offset }
    var remaining: Int { reader.remaining }
    var isAtEnd: Bool { reader.isAtEnd }

    mutating func u8() throws(FLVTagError) -> UInt8 {
        do { return try reader.u8() } catch { throw FLVTagError(error) }
    }

    mutating func u16() throws(FLVTagError) -> UInt16 {
        do { return try reader.u16() } catch { throw FLVTagError(error) }
    }

    mutating func u24() throws(FLVTagError) -> UInt32 {
        do { return try reader.u24() } catch { throw FLVTagError(error) }
    }

    /// A 24-bit number with sign.
    mutating func s24() throws(FLVTagError) -> Int32 { Int32(bitPattern: try u24() << 8) >> 8 }

    mutating func fourCC() throws(FLVTagError) -> FourCC {
        do { return FourCC(rawValue: try reader.u32()) } catch { throw FLVTagError(error) }
    }

    mutating func skip(_ count: Int) throws(FLVTagError) {
        do { try reader.skip(count) } catch { throw FLVTagError(error) }
    }
}

extension FLVTagError {
    fileprivate init(_ error: ByteReaderError) {
        switch error {
        case .truncated(let offset, let needed, let available):
            self = .truncated(offset: offset, needed: needed, available: available)
        }
    }
}
