import Bytes
import HTTP
import Reactor
import TestKit

@testable import HTTPTransport

/// Sends back what comes, and does what some texts ask for.
final class EchoHandler: WebSocketHandler {
    private let log: EventLog<String>
    /// Messages that a `stream` still has to send.
    private var left = 0
    private let block = SharedBytes(patterned(100_000))

    init(_ log: EventLog<String>) { self.log = log }

    func opened(_ socket: WebSocketConnection) { log.append("opened") }

    func received(text: SharedBytes, on socket: WebSocketConnection) {
        let words = String(copying: text.bytes).split(separator: " ")
        switch words.first {
        case "close": socket.close(CloseCode(rawValue: UInt16(words[1])!)!, reason: String(words[2]))
        case "stream":
            left = Int(words[1])!
            pump(socket)
        case "pause":
            log.append("paused")
            socket.pause()
        default: socket.send(text: text)
        }
    }

    func received(binary: SharedBytes, on socket: WebSocketConnection) {
        if socket.isPaused { log.append("a message while paused") }
        socket.send(binary: binary)
    }

    func outputDrained(_ socket: WebSocketConnection) { pump(socket) }

    func closed(_ socket: WebSocketConnection, _ ending: WebSocketEnding) { log.append("\(ending)") }

    private func pump(_ socket: WebSocketConnection) {
        while left > 0, !socket.isBlocked, socket.isOpen {
            socket.send(binary: block)
            left -= 1
        }
        if socket.isBlocked { log.append("blocked") }
    }
}

extension ServerFixture {
    /// Serves an echo at `/echo`.
    func startEcho(
        _ options: WebSocketOptions = WebSocketOptions(), tls: TLSServerContext? = nil
    ) async throws -> UInt16 {
        try await start(tls: tls) { router, fixture in
            router.add(.get, "/echo", "an echo") { request, exchange in
                exchange.acceptWebSocket(
                    request, protocols: ["best", "good"], options: options, handler: EchoHandler(fixture.log))
            }
        }
    }
}

extension RawClient {
    /// The request of RFC 6455 §1.3, with `fields` besides.
    static func handshake(_ fields: String...) -> String {
        let lines = [
            "GET /echo HTTP/1.1", "Host: test", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ]
        return (lines + fields).joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// One masked frame, of a short payload.
    static func frame(_ first: UInt8, _ payload: [UInt8], key: [UInt8] = [1, 2, 3, 4]) -> [UInt8] {
        precondition(payload.count < 126)
        let masked = payload.enumerated().map { $1 ^ key[$0 % 4] }
        return [first, 0x80 | UInt8(payload.count)] + key + masked
    }

    /// The next frame of a server.
    func receiveFrame() throws -> (first: UInt8, payload: [UInt8]) {
        let head = try receive(2)
        let length =
            switch head[1] {
            case 126: try receive(2).reduce(0) { $0 << 8 | Int($1) }
            case 127: try receive(8).reduce(0) { $0 << 8 | Int($1) }
            default: Int(head[1])
            }
        return (head[0], try receive(length))
    }

    /// The code of the close frame that comes next.
    func receiveClose() throws -> Int {
        let (first, payload) = try receiveFrame()
        guard first == 0x88, payload.count >= 2 else { throw Failure.malformed("no close frame: \(first) \(payload)") }
        return Int(payload[0]) << 8 | Int(payload[1])
    }
}
