/// The memory that TLS works in: buffers that all connections of one loop share, so that none keeps its own.
///
/// An engine borrows a buffer for the length of one call. Calls may nest (a callback of one engine may use another):
/// the inner call gets another buffer. Confined to its loop; never shared between loops.
package final class TLSWorkspace {
    /// Size of a buffer: what the largest read of a socket decrypts to, along with a record that had come before, and
    /// what as much plaintext encrypts to. Pages are touched only as calls need them.
    package static var bufferBytes: Int { Scratch.maximum + 32 * 1024 }

    /// Most buffers that are kept for the next call.
    private static var maximumSpare: Int { 4 }

    private var spare: [UnsafeMutableRawBufferPointer] = []

    package init() {}

    deinit { for buffer in spare { buffer.deallocate() } }

    /// A buffer that is the caller's until `give`; its content is undefined.
    func take() -> UnsafeMutableRawBufferPointer {
        spare.popLast() ?? .allocate(byteCount: Self.bufferBytes, alignment: 16)
    }

    /// Returns a buffer that came from `take`.
    func give(_ buffer: UnsafeMutableRawBufferPointer) {
        guard spare.count < Self.maximumSpare else { return buffer.deallocate() }
        spare.append(buffer)
    }
}
