package import HTTP

/// How a WebSocket treats its peer.
package struct WebSocketOptions: Sendable {
    /// Bounds of a message that comes in.
    package var limits = WebSocketMachine.Limits()

    /// After so long without a byte from the peer it is sent a ping; nil for never.
    package var pingInterval: Duration? = .seconds(30)
    /// From that ping to any byte from the peer; without one the connection is broken off.
    package var pongTimeout: Duration = .seconds(15)
    /// From our close frame to the peer's; without it the connection is broken off.
    package var closeTimeout: Duration = .seconds(5)

    package init() {}
}
