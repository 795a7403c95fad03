/// Collects stream input until a parser can use it: append at the end, look at all of it at once, consume from the
/// front.
///
/// It holds at most `maximum` bytes: `append` refuses what would go beyond, and the owner of the socket decides (stop
/// reading, or give the peer up). An empty queue keeps no memory, so an idle connection costs none; a full one keeps up
/// to twice its bytes, so that what stays queued need not move each time something is added.
@usableFromInline
package struct ByteQueue: ~Copyable {
    private var storage: ByteStorage?
    private var head = 0
    private var tail = 0

    /// The bound, in bytes.
    package let maximum: Int

    package init(maximum: Int) { self.maximum = maximum }

    package var count: Int { tail - head }
    package var isEmpty: Bool { head == tail }

    /// Bytes of memory held now.
    package var allocated: Int { storage?.capacity ?? 0 }

    /// Adds a copy of `bytes`, or adds nothing and returns false where that would pass `maximum`.
    package mutating func append(_ bytes: RawSpan) -> Bool {
        let added = bytes.byteCount
        guard added <= maximum - count else { return false }
        guard added > 0 else { return true }
        let storage = storage(withRoomFor: added)
        unsafe bytes.withUnsafeBytes { source in
            guard let from = source.baseAddress else { return }
            // Safe: the storage has `added` bytes free at `tail`.
            unsafe (storage.base + tail).copyMemory(from: from, byteCount: added)
        }
        tail += added
        return true
    }

    /// Everything not yet consumed, in one piece.
    package var readable: RawSpan {
        @_lifetime(borrow self)
        get {
            // Safe: head..<tail is initialised, and the borrow forbids a change meanwhile.
            let start = unsafe storage.map { unsafe UnsafeRawPointer($0.base) + head }
            let raw = unsafe UnsafeRawBufferPointer(start: start, count: count)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: raw), borrowing: self)
        }
    }

    /// Drops the first `bytes` bytes; at the last one the memory goes too.
    package mutating func consume(_ bytes: Int) {
        precondition(bytes >= 0 && bytes <= count, "consumed more than was queued")
        head += bytes
        if head == tail { removeAll() }
    }

    package mutating func removeAll() {
        storage = nil
        head = 0
        tail = 0
    }

    /// Storage with at least `added` bytes free at `tail`: the one there is, tidied, or a larger one.
    private mutating func storage(withRoomFor added: Int) -> ByteStorage {
        let kept = count
        if let storage {
            if storage.capacity - tail >= added { return storage }
            if head >= kept, storage.capacity - kept >= added {
                // Safe: the two ranges do not overlap, for the free part in front is at least as long as what moves.
                // That also bounds the work: a byte moves at most once per byte consumed before it.
                unsafe storage.base.copyMemory(from: storage.base + head, byteCount: kept)
                head = 0
                tail = kept
                return storage
            }
        }
        // Room for twice the bound, where it comes to that: then at least half is free in front whenever the end is
        // reached, and the cheap move above is the rule from there on. (`&*`: a bound near `Int.max` is none.)
        let most = max(maximum, maximum &* 2)
        let next = ByteStorage(capacity: max(kept + added, min(allocated * 2, most), 256))
        if let storage {
            // Safe: `next` holds at least `kept` bytes.
            unsafe next.base.copyMemory(from: storage.base + head, byteCount: kept)
        }
        storage = next
        head = 0
        tail = kept
        return next
    }
}
