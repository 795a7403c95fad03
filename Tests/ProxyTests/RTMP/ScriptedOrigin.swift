import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Telemetry

/// An origin of RTMP on the loop of a test, which does as it is told.
final class ScriptedOrigin {
    enum Behaviour {
        case accepts
        case refuses(StatusCode)
        /// Refuses `connect` with these words.
        case rejects(AMFString)
        /// Ends the connection as soon as it stands.
        case dropsAtOnce
        /// Ends the connection where it is asked for a stream.
        case hangsUp
        /// Takes the connection and says nothing.
        case hangs
    }

    var behaviour = Behaviour.accepts
    /// Runs before a request is answered.
    var onRequest: () -> Void = {}
    private(set) var port: UInt16 = 0
    /// Connections on which it was asked for a stream, or that it lets hang.
    private(set) var asked = 0
    /// Of what came up to each request.
    private(set) var chunkSizes: [Int] = []
    /// What connections began with.
    private(set) var connects: [ConnectRequest] = []
    fileprivate(set) var open: [Connection] = []
    private var server: RTMPServer?

    init(on loop: EventLoop) throws {
        let server = RTMPServer(
            on: loop, options: RTMPServer.Options(places: ConnectionPlaces(maximum: 100)), log: .silent
        ) { [unowned self] socket, server in Connection(socket, of: server, self) }
        port = try server.listen(on: .loopback(port: 0)).port
        self.server = server
    }

    /// Those that publish or play.
    var running: [Connection] { open.filter(\.isRunning) }

    /// Sends players a message of video.
    func send(timestamp: UInt32, size: Int = 300) {
        for connection in running { connection.send(Self.video(timestamp, size: size)) }
    }

    static func video(_ timestamp: UInt32, size: Int) -> Message {
        Message(
            chunkStream: .video, timestamp: timestamp, type: .video, stream: MessageStreamID(1),
            payload: SharedBytes([UInt8](repeating: 7, count: size)))
    }

    /// Nobody is at its port any more.
    func die() {
        server?.abortAll()
        server?.drain {}
    }

    final class Connection: RTMPServedConnection {
        var position = 0
        var admission = RTMPAdmission.awaited
        private let socket: TCPConnection
        private let server: RTMPServer
        private let origin: ScriptedOrigin
        private var session = ServerSession(settings: ServerSettings(name: "Scripted", version: "1"), crypto: .system)
        private var input = RTMPInput()
        private(set) var isRunning = false
        /// Of what comes now.
        var chunkSize: Int { session.channel.reader.chunkSize }
        private(set) var times: [UInt32] = []

        init(_ socket: TCPConnection, of server: RTMPServer, _ origin: ScriptedOrigin) {
            self.socket = socket
            self.server = server
            self.origin = origin
            origin.open.append(self)
            switch origin.behaviour {
            case .hangs: origin.asked += 1
            case .dropsAtOnce:
                origin.asked += 1
                socket.abort()
            case .accepts, .refuses, .rejects, .hangsUp: break
            }
        }

        func shutDown() { socket.close() }
        func abort() { socket.abort() }
        func close() { socket.close() }

        func send(_ message: Message) {
            var writer = ChunkWriter(chunkSize: session.settings.chunkSize)
            var output = ByteWriter()
            writer.append(message, to: &output)
            socket.write(output.bytes)
        }

        func send(_ bytes: some Sequence<UInt8>) { socket.write(SharedBytes(Array(bytes))) }

        func notify(_ status: Status) {
            var output = ByteWriter()
            session.notify(status, on: MessageStreamID(1), output: &output)
            socket.write(output.bytes)
        }

        func received(_ bytes: RawSpan, on connection: TCPConnection) {
            if case .hangs = origin.behaviour { return }
            do { _ = try input.take(bytes) { (bytes) throws(SessionError) in try process(bytes) } } catch {
                socket.abort()
            }
        }

        private func process(_ bytes: RawSpan) throws(SessionError) -> Int {
            var consumed = 0
            var output = ByteWriter()
            while !socket.isClosed {
                let step = try session.next(bytes.extracting(consumed..<bytes.byteCount), output: &output)
                consumed += step.consumed
                switch step.event {
                case .connectRequested(let request, _):
                    origin.connects.append(request)
                    if case .rejects(let words) = origin.behaviour {
                        origin.asked += 1
                        session.refuse(Status(.connectRejected, words), output: &output)
                    } else {
                        session.acceptConnect(output: &output)
                    }
                case .publishRequested: answer(isPublish: true, &output)
                case .playRequested: answer(isPublish: false, &output)
                case .needsInput:
                    socket.write(output.bytes)
                    return consumed
                case .mediaReceived(_, let message): times.append(message.header.timestamp)
                default: break
                }
            }
            return consumed
        }

        private func answer(isPublish: Bool, _ output: inout ByteWriter) {
            origin.asked += 1
            origin.chunkSizes.append(session.channel.reader.chunkSize)
            origin.onRequest()
            switch origin.behaviour {
            case .accepts:
                isRunning = true
                if isPublish { session.acceptPublish(output: &output) } else { session.acceptPlay(output: &output) }
            case .refuses(let code): session.refuse(Status(code, "As the script says."), output: &output)
            case .hangsUp, .hangs, .rejects, .dropsAtOnce:
                session.refuse(Status(.streamFailed, ""), output: &output)
                output.removeAll()
                socket.close()
            }
        }

        func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
            isRunning = false
            origin.open.removeAll { $0 === self }
            server.remove(self, on: connection, reason)
        }
    }
}
