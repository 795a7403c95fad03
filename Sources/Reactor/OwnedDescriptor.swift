import Glibc

/// A file descriptor that is closed with its owner.
struct OwnedDescriptor: ~Copyable, Sendable {
    let raw: CInt

    init(_ raw: CInt) { self.raw = raw }

    deinit { close(raw) }

    /// Gives it to a new owner, who closes it.
    consuming func take() -> CInt {
        let raw = raw
        discard self
        return raw
    }
}
