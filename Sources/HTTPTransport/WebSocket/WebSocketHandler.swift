package import Bytes
package import HTTP
package import Reactor

/// What happens on a WebSocket, told to its owner on the loop: `opened` once, any number of the middle ones, `closed`
/// once.
package protocol WebSocketHandler: AnyObject {
    /// Messages can be sent.
    func opened(_ socket: WebSocketConnection)

    /// A whole text message: UTF-8 that has been checked.
    func received(text: SharedBytes, on socket: WebSocketConnection)

    func received(binary: SharedBytes, on socket: WebSocketConnection)

    /// Output that was blocked has drained.
    func outputDrained(_ socket: WebSocketConnection)

    /// It is over; nothing more comes, and nothing more is sent.
    func closed(_ socket: WebSocketConnection, _ ending: WebSocketEnding)
}

extension WebSocketHandler {
    package func opened(_ socket: WebSocketConnection) {}
    package func outputDrained(_ socket: WebSocketConnection) {}
}

/// How a WebSocket ended.
package enum WebSocketEnding: Equatable, Sendable {
    /// Both sides have said so; what the peer gave as its reason, or made of ours.
    case closed(CloseCode?, reason: String)
    /// The peer broke the rules, or ended the connection without a word.
    case failed(WebSocketError)
    /// The connection broke, or ran out of time.
    case lost(TCPCloseReason)
}
