/// How a response goes out: decided once, from the request and what is to be answered.
package struct ResponsePlan: Sendable, Hashable {
    package let status: Status

    /// What the head says about the body.
    package let framing: BodyFraming

    /// Whether the bytes of the body follow; not for HEAD, 204, 304 and their like.
    package let sendsBody: Bool

    /// Whether the connection takes another request after this response.
    package let keepAlive: Bool

    /// Whether the client speaks HTTP/1.0, which must be told when the connection stays open.
    let isHTTP10: Bool

    /// `keepAlive` is what the request and the server would have; it is given up where only a close can end the body.
    package init(_ status: Status, _ body: OutgoingBody, to method: Method, _ version: Version, keepAlive: Bool) {
        self.status = status
        isHTTP10 = version == .http10
        let isForbidden = status.forbidsBody || method == .connect && status.isSuccess
        switch body {
        // An answer without a length must say so, or the client waits for one that ends with the connection.
        case .none: framing = isForbidden ? .none : .length(0)
        case .length(let count): framing = isForbidden ? .none : .length(count)
        case .stream where isForbidden: framing = .none
        case .stream: framing = isHTTP10 ? .untilClose : .chunked
        }
        sendsBody = method != .head && !framing.isEmpty
        // The answer to HEAD is framed by its head alone, also where the body of a GET would last until the close.
        self.keepAlive = keepAlive && (framing != .untilClose || method == .head)
    }
}
