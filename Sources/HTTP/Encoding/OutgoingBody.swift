/// What the program knows about the body that it is about to send.
package enum OutgoingBody: Sendable, Hashable {
    /// There is none and no length is stated: 204, 304, a GET request.
    case none
    /// Exactly this many bytes, perhaps none.
    case length(Int)
    /// Its end is not known yet: chunked, or until the connection closes for an HTTP/1.0 client.
    case stream
}
