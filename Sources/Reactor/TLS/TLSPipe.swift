import COpenSSL

/// The two ends of a connection as OpenSSL sees them during one call: bytes to read, and room to write.
///
/// It exists on the stack of that call only. An OpenSSL memory BIO would keep its grown buffer for as long as the
/// connection lives; this keeps nothing.
struct TLSPipe {
    /// Ciphertext not yet read.
    var input: UnsafeRawBufferPointer

    let output: UnsafeMutableRawBufferPointer

    /// Bytes at the start of `output` that wait to be sent.
    var written = 0

    /// Room left in `output`.
    var room: Int { output.count - written }
}

extension TLSPipe {
    /// A table of functions that lets OpenSSL read and write the pipe set with `BIO_set_data`. The caller frees it.
    static func makeMethod() -> OpaquePointer? {
        guard let method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "sluice pipe") else { return nil }
        BIO_meth_set_read(method) { bio, buffer, count in TLSPipe.read(bio, buffer, count) }
        BIO_meth_set_write(method) { bio, buffer, count in TLSPipe.write(bio, buffer, count) }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }

    private static func of(_ bio: OpaquePointer?) -> UnsafeMutablePointer<TLSPipe>? {
        // Safe: the data of our BIO is a pipe during a call, and null between calls.
        BIO_get_data(bio)?.assumingMemoryBound(to: TLSPipe.self)
    }

    private static func read(_ bio: OpaquePointer?, _ buffer: UnsafeMutablePointer<CChar>?, _ count: Int32) -> Int32 {
        copenssl_BIO_clear_retry_flags(bio)
        guard let pipe = of(bio), let buffer, count > 0 else { return -1 }
        let taken = min(Int(count), pipe.pointee.input.count)
        guard taken > 0, let from = pipe.pointee.input.baseAddress else {
            copenssl_BIO_set_retry_read(bio)
            return -1
        }
        // Safe: OpenSSL's buffer has room for `count` bytes, and `taken` is no more than that.
        UnsafeMutableRawPointer(buffer).copyMemory(from: from, byteCount: taken)
        pipe.pointee.input = UnsafeRawBufferPointer(rebasing: pipe.pointee.input[taken...])
        return Int32(taken)
    }

    private static func write(_ bio: OpaquePointer?, _ buffer: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
        copenssl_BIO_clear_retry_flags(bio)
        guard let pipe = of(bio), let buffer, count > 0 else { return -1 }
        let taken = min(Int(count), pipe.pointee.room)
        guard taken > 0, let base = pipe.pointee.output.baseAddress else {
            copenssl_BIO_set_retry_write(bio)
            return -1
        }
        // Safe: `taken` bytes are readable at `buffer` and fit behind `written`.
        (base + pipe.pointee.written).copyMemory(from: buffer, byteCount: taken)
        pipe.pointee.written += taken
        return Int32(taken)
    }
}
