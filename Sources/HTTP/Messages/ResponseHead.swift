/// What a response says before its body; filled by `ResponseParser` and reused like `RequestHead`.
package struct ResponseHead: Sendable {
    package var version = Version.http11
    package var status = Status.ok
    package var fields = Fields()

    // MARK: What the fields mean for the connection, set by `ResponseParser`

    package internal(set) var framing = BodyFraming.none

    /// Whether the server will take another request on this connection (RFC 9112 §9.3).
    package internal(set) var keepAlive = true

    package init() {}
}
