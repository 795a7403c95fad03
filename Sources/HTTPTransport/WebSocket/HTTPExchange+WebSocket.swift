import Bytes
package import HTTP
import Reactor

extension HTTPExchange {
    /// Agrees to speak WebSocket and gives the connection to `handler`; the server still counts it, and closes it when
    /// it drains. What cannot be agreed to is answered, with 426 or 400, and the result is false.
    ///
    /// `protocols` are the subprotocols spoken here, the best first. A page from anywhere may ask: browsers do not
    /// apply CORS, so a handler for which that matters compares `Origin` first.
    @discardableResult
    package func acceptWebSocket(
        _ request: borrowing RequestHead, protocols: [String] = [], options: WebSocketOptions = WebSocketOptions(),
        handler: any WebSocketHandler
    ) -> Bool {
        guard let server = connection?.server else { return false }
        if server.isDraining {
            fail(.serviceUnavailable, "going away")
            return false
        }
        var fields = Fields()
        do throws(WebSocketHandshake.Failure) {
            try WebSocketHandshake.accept(request, subprotocols: protocols, answer: &fields) { SHA1.digest($0) }
        } catch {
            if error.status == .upgradeRequired { WebSocketHandshake.appendSupportedVersion(to: &commonFields) }
            fail(error.status, error.message)
            return false
        }
        return upgrade(fields) { socket, ahead in
            WebSocketConnection.start(.server, on: socket, of: server, ahead: ahead, options: options, handler: handler)
        }
    }
}

extension WebSocketHandshake.Failure {
    fileprivate var message: StaticString {
        switch self {
        case .notAsked: "this is a WebSocket"
        case .unsupportedVersion: "WebSocket version not supported"
        case .invalidKey: "invalid Sec-WebSocket-Key"
        case .wrongAccept: "wrong Sec-WebSocket-Accept"
        case .unsolicitedProtocol: "WebSocket subprotocol not offered"
        case .unsolicitedExtension: "WebSocket extension not offered"
        }
    }
}
