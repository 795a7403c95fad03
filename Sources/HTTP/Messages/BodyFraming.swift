/// How the end of a message's body is found (RFC 9112 §6).
package enum BodyFraming: Sendable, Hashable {
    /// There is no body and nothing said there would be.
    case none
    /// `Content-Length`: exactly this many bytes, perhaps none.
    case length(Int)
    /// `Transfer-Encoding: chunked`.
    case chunked
    /// Everything until the peer closes; responses only.
    case untilClose

    /// Whether not a single byte of body follows the head.
    package var isEmpty: Bool {
        switch self {
        case .none, .length(0): true
        case .length, .chunked, .untilClose: false
        }
    }
}
