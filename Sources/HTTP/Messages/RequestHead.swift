import Bytes

/// What a request says before its body.
///
/// A loop keeps one and lets `RequestParser` fill it again for every request: its memory is reused, so that a parsed
/// request allocates nothing. Copy it only where it must outlive the turn of the loop.
package struct RequestHead: Sendable {
    package var method = Method.get
    package var version = Version.http11
    package var target = Target()
    package var fields = Fields()

    // MARK: What the fields mean for the connection, set by `RequestParser`

    package internal(set) var framing = BodyFraming.none

    /// Whether the client is content to send another request on this connection (RFC 9112 §9.3).
    package internal(set) var keepAlive = true

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    package internal(set) var expectsContinue = false

    package internal(set) var upgrade = UpgradeWish.none

    package init() {}

    /// The authority the client addressed, as it wrote it: from the target where that has one, else from `Host`
    /// (RFC 9112 §3.3). Its syntax has been checked; it may be empty, and is nil only in HTTP/1.0.
    package var authority: RawSpan? {
        @_lifetime(borrow self)
        get {
            if target.hasAuthority { return target.authority }
            return fields[.host]
        }
    }
}

/// What a client asks to speak instead, with `Connection: upgrade` (RFC 9110 §7.8).
package enum UpgradeWish: UInt8, Sendable, Hashable {
    case none
    case webSocket
    /// Something this program does not speak; it may be ignored.
    case other
}
