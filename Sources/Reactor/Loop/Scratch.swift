import Glibc

/// The memory that a loop's reads go through, so that a connection needs none of its own.
///
/// What a callback is shown lies here and is gone when it returns; it copies what it keeps. Pages are touched only as
/// reads need them: a loop without bulk traffic uses the first 64 KiB.
package final class Scratch {
    /// Bytes that a read may use at most.
    package static var maximum: Int { 256 * 1024 }
    /// Bytes that a read uses before a connection has shown that it sends in bulk.
    package static var normal: Int { 64 * 1024 }

    /// For bytes as they come from sockets.
    let input: UnsafeMutableRawBufferPointer

    init() { input = .allocate(byteCount: Self.maximum, alignment: 4096) }

    deinit { input.deallocate() }
}
