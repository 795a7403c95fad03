import Bytes

extension RedisReply {
    /// A word or a value as text, invalid UTF-8 repaired; nil for anything else.
    package var text: String? {
        switch self {
        case .status(let word): word
        case .bytes(let bytes): String(copying: bytes.bytes)
        case .null, .integer, .list, .error: nil
        }
    }
}
