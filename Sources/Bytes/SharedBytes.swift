/// One allocation of bytes behind any number of `SharedBytes`.
///
/// `ByteWriter` fills it while it is the only owner; from the moment a `SharedBytes` exists nothing writes to it again.
@safe
@usableFromInline
final class ByteStorage: @unchecked Sendable {
    // Safe: written only through a uniquely owned `ByteWriter`, immutable once shared, freed with the last reference.
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let capacity: Int

    @usableFromInline
    init(capacity: Int) {
        unsafe base = .allocate(byteCount: max(capacity, 1), alignment: 16)
        self.capacity = capacity
    }

    deinit { unsafe base.deallocate() }
}

/// Immutable bytes that many owners share: a reference and a range, 16 bytes in all.
///
/// Slicing and sharing never copy. It is what fan-out hands to `writev` for every subscriber. At most 4 GiB.
/// Not for bytes that one owner reads once and drops: those are a `RawSpan` or a `ByteQueue`.
@usableFromInline
package struct SharedBytes: Sendable {
    @usableFromInline let storage: ByteStorage
    @usableFromInline let start: UInt32
    @usableFromInline let length: UInt32

    @usableFromInline
    init(storage: ByteStorage, start: UInt32, length: UInt32) {
        self.storage = storage
        self.start = start
        self.length = length
    }

    package static let empty = SharedBytes(storage: ByteStorage(capacity: 0), start: 0, length: 0)

    @inlinable package var count: Int { Int(length) }
    @inlinable package var isEmpty: Bool { length == 0 }

    /// The bytes, borrowed for as long as this value is.
    @inlinable
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // Safe: the range was checked when the value was made and `self` keeps the storage alive.
            let raw = unsafe UnsafeRawBufferPointer(start: storage.base + Int(start), count: Int(length))
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: raw), borrowing: self)
        }
    }

    /// The part at `range`, sharing the same memory. `range` must lie within `0..<count`.
    @inlinable
    package subscript(range: Range<Int>) -> SharedBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "slice outside the shared bytes")
        return SharedBytes(storage: storage, start: start + UInt32(range.lowerBound), length: UInt32(range.count))
    }

    /// All but the first `count` bytes.
    @inlinable package func dropping(first count: Int) -> SharedBytes { self[count..<self.count] }
}

extension SharedBytes {
    package init(copying bytes: RawSpan) {
        var writer = ByteWriter(capacity: bytes.byteCount)
        writer.append(bytes)
        self = writer.finish()
    }

    package init(_ array: [UInt8]) { self.init(copying: array.rawSpan) }

    package init(_ text: String) { self = text.withRawSpan { SharedBytes(copying: $0) } }

    /// A copy that outlives any borrow.
    package var array: [UInt8] { Array(copying: bytes) }
}

extension SharedBytes: Equatable {
    @inlinable package static func == (left: SharedBytes, right: SharedBytes) -> Bool {
        left.bytes.elementsEqual(right.bytes)
    }
}
