/// A growable buffer that bytes are appended to, then frozen without a copy by `finish()`.
///
/// Integers are big-endian unless the name says `LE`. It grows by doubling; the caller bounds what it appends.
@usableFromInline
package struct ByteWriter: ~Copyable {
    @usableFromInline var storage: ByteStorage

    /// Bytes written so far.
    @usableFromInline package internal(set) var count = 0

    package init(capacity: Int = 256) { storage = ByteStorage(capacity: capacity) }

    @inlinable package var isEmpty: Bool { count == 0 }

    /// Room that is there without another allocation.
    @inlinable package var capacity: Int { storage.capacity }

    /// Makes room for `extra` more bytes.
    @inlinable
    package mutating func reserve(_ extra: Int) {
        if storage.capacity - count < extra { grow(toHold: count + extra) }
    }

    @usableFromInline
    mutating func grow(toHold needed: Int) {
        precondition(needed <= UInt32.max, "a byte writer holds at most 4 GiB")
        let next = ByteStorage(capacity: max(needed, storage.capacity * 2, 64))
        // Safe: `next` is at least as large as what is copied, and nobody else refers to it yet.
        unsafe next.base.copyMemory(from: storage.base, byteCount: count)
        storage = next
    }

    /// A fixed-width integer as it lies in memory.
    @inlinable
    mutating func raw<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        let size = MemoryLayout<T>.size
        reserve(size)
        // Safe: `reserve` has made room for `size` bytes at `count`.
        unsafe (storage.base + count).storeBytes(of: value, as: T.self)
        count += size
    }

    /// Forgets what was written and keeps the memory.
    package mutating func removeAll() { count = 0 }

    /// What was written, borrowed until the next change.
    @inlinable
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // Safe: the first `count` bytes are initialised and the borrow of `self` forbids a write meanwhile.
            let raw = unsafe UnsafeRawBufferPointer(start: storage.base, count: count)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: raw), borrowing: self)
        }
    }

    /// What was written, in memory of at most twice its size: for bytes that will be kept for long.
    package consuming func finishTightly() -> SharedBytes {
        let isTight = count * 2 >= storage.capacity
        return isTight
            ? SharedBytes(storage: storage, start: 0, length: UInt32(count)) : SharedBytes(copying: bytes)
    }

    /// What was written, immutable from here on; no byte is copied.
    package consuming func finish() -> SharedBytes {
        SharedBytes(storage: storage, start: 0, length: UInt32(count))
    }
}

// MARK: - Integers

extension ByteWriter {
    @inlinable package mutating func u8(_ value: UInt8) { raw(value) }
    @inlinable package mutating func u16(_ value: UInt16) { raw(value.bigEndian) }
    @inlinable package mutating func u32(_ value: UInt32) { raw(value.bigEndian) }
    @inlinable package mutating func u64(_ value: UInt64) { raw(value.bigEndian) }
    @inlinable package mutating func u16LE(_ value: UInt16) { raw(value.littleEndian) }
    @inlinable package mutating func u32LE(_ value: UInt32) { raw(value.littleEndian) }
    @inlinable package mutating func u64LE(_ value: UInt64) { raw(value.littleEndian) }
    @inlinable package mutating func f64(_ value: Double) { u64(value.bitPattern) }

    /// The low 24 bits, big-endian.
    @inlinable
    package mutating func u24(_ value: UInt32) {
        reserve(3)
        u8(UInt8(truncatingIfNeeded: value >> 16))
        u16(UInt16(truncatingIfNeeded: value))
    }

    /// The low 24 bits, little-endian.
    @inlinable
    package mutating func u24LE(_ value: UInt32) {
        reserve(3)
        u16LE(UInt16(truncatingIfNeeded: value))
        u8(UInt8(truncatingIfNeeded: value >> 16))
    }

    /// Overwrites 4 bytes written earlier at `offset`: a length known only at the end.
    package mutating func patchU32(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count, "patch outside the written bytes")
        // Safe: the four bytes lie inside what was written.
        unsafe (storage.base + offset).storeBytes(of: value.bigEndian, as: UInt32.self)
    }

    /// Overwrites 3 bytes written earlier at `offset`.
    package mutating func patchU24(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset + 3 <= count, "patch outside the written bytes")
        // Safe: the three bytes lie inside what was written.
        unsafe (storage.base + offset).storeBytes(of: UInt8(truncatingIfNeeded: value >> 16), as: UInt8.self)
        unsafe (storage.base + offset + 1)
            .storeBytes(of: UInt16(truncatingIfNeeded: value).bigEndian, as: UInt16.self)
    }
}

// MARK: - Runs of bytes

extension ByteWriter {
    @inlinable
    package mutating func append(_ bytes: RawSpan) {
        reserve(bytes.byteCount)
        unsafe bytes.withUnsafeBytes { source in
            guard let from = source.baseAddress else { return }
            // Safe: `reserve` has made room, and a borrowed span cannot be this writer's own spare room.
            unsafe (storage.base + count).copyMemory(from: from, byteCount: source.count)
        }
        count += bytes.byteCount
    }

    @inlinable package mutating func append(_ bytes: SharedBytes) { append(bytes.bytes) }

    @inlinable package mutating func append(_ array: [UInt8]) { append(array.rawSpan) }

    /// A literal: ASCII or UTF-8 known when the program is compiled.
    @inlinable
    package mutating func append(_ literal: StaticString) {
        let size = literal.utf8CodeUnitCount
        reserve(size)
        // Safe: a static string's bytes live as long as the program.
        unsafe (storage.base + count).copyMemory(from: literal.utf8Start, byteCount: size)
        count += size
    }

    package mutating func append(text: String) { text.withRawSpan { append($0) } }

    /// Lets `fill` write into the spare memory, at least `room` bytes, and adds as many as it says it has written: for
    /// system calls that read into memory.
    package mutating func append<Failure: Error>(
        room: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        reserve(room)
        // Safe: the buffer is the part of the storage behind what was written, and is used only inside the call.
        let spare = unsafe UnsafeMutableRawBufferPointer(start: storage.base + count, count: capacity - count)
        let added = try unsafe fill(spare)
        precondition(added >= 0 && added <= spare.count, "more bytes than there was room for")
        count += added
    }

    /// A number in decimal.
    @inlinable
    package mutating func append<T: BinaryInteger>(decimal value: T) {
        append(magnitude: UInt64(value.magnitude), isNegative: value < 0)
    }

    @usableFromInline
    mutating func append(magnitude: UInt64, isNegative: Bool) {
        if isNegative { u8(UInt8(ascii: "-")) }
        var rest = magnitude
        let start = count
        repeat {
            u8(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        reverse(from: start)
    }

    /// A number in lower-case hexadecimal without leading zeros.
    package mutating func append(hex value: UInt64) {
        var rest = value
        let start = count
        repeat {
            let digit = UInt8(rest & 15)
            u8(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            rest >>= 4
        } while rest > 0
        reverse(from: start)
    }

    private mutating func reverse(from start: Int) {
        var low = start
        var high = count - 1
        while low < high {
            // Safe: both positions lie inside what was written.
            let left = unsafe storage.base.load(fromByteOffset: low, as: UInt8.self)
            let right = unsafe storage.base.load(fromByteOffset: high, as: UInt8.self)
            unsafe storage.base.storeBytes(of: right, toByteOffset: low, as: UInt8.self)
            unsafe storage.base.storeBytes(of: left, toByteOffset: high, as: UInt8.self)
            low += 1
            high -= 1
        }
    }
}
