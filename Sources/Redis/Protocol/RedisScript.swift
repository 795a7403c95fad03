import Bytes
import Reactor

/// A script in Lua that a server keeps under the SHA-1 of its source.
package struct RedisScript: Sendable {
    package let source: String
    /// In lower-case hexadecimal.
    package let digest: String

    package init(_ source: String) {
        self.source = source
        var text = ByteWriter(capacity: 2 * SHA1.byteCount)
        for byte in source.withRawSpan({ SHA1.digest($0) }) {
            if byte < 16 { text.append("0") }
            text.append(hex: UInt64(byte))
        }
        digest = String(copying: text.bytes)
    }

    /// Runs it where the server has it already.
    package func byDigest(_ keys: [RedisKey], _ arguments: [RedisWord]) -> RedisCommand {
        call("EVALSHA", digest, keys, arguments)
    }

    /// Runs it wherever it is, and leaves it there.
    package func bySource(_ keys: [RedisKey], _ arguments: [RedisWord]) -> RedisCommand {
        call("EVAL", source, keys, arguments)
    }

    private func call(
        _ name: RedisWord, _ script: String, _ keys: [RedisKey], _ arguments: [RedisWord]
    ) -> RedisCommand {
        RedisCommand([name, RedisWord(script), RedisWord(keys.count)] + keys.map(\.word) + arguments)
    }
}
