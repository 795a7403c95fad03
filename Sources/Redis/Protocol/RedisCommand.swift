package import Bytes
import CHiredis

/// A command as it goes over the wire, made once: what is sent to many servers, or again and again, is shared.
///
/// It shows none of its words when it is printed: a password may be among them.
package struct RedisCommand: Sendable, CustomStringConvertible, CustomReflectable {
    package let wire: SharedBytes

    package init(_ name: String, _ words: RedisWord...) { self.init([RedisWord(name)] + words) }

    /// `words` begin with the command's name. At most 4 GiB.
    package init(_ words: [RedisWord]) {
        precondition(!words.isEmpty, "a command has a name")
        var writer = ByteWriter(capacity: words.reduce(0) { $0 + $1.count })
        var starts: [Int] = []
        for word in words {
            starts.append(writer.count)
            word.append(to: &writer)
        }
        wire = Self.format(writer.bytes, starts)
    }

    /// The words lie behind each other in `bytes`, from `starts` on.
    private static func format(_ bytes: RawSpan, _ starts: [Int]) -> SharedBytes {
        var lengths = zip(starts, starts.dropFirst() + [bytes.byteCount]).map { $1 - $0 }
        return bytes.withUnsafeBytes { bytes in
            // Safe: every word lies inside the borrowed bytes. Where there are none at all the address is never read.
            let base = bytes.bindMemory(to: CChar.self).baseAddress
            var words = starts.map { start in base.map { $0 + start } }
            var text: UnsafeMutablePointer<CChar>?
            let count = redisFormatCommandArgv(&text, CInt(starts.count), &words, &lengths)
            precondition(count > 0, "out of memory")
            defer { redisFreeCommand(text) }
            // Safe: hiredis has written `count` bytes, which are copied here.
            return SharedBytes(copying: UnsafeRawBufferPointer(start: text, count: Int(count)).bytes)
        }
    }

    package var description: String { "a command of \(wire.count) bytes" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
