import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Telemetry

extension RelayConnection {
    /// What a step of the session asks for.
    func happened(_ event: ServerSession.Event, output: inout ByteWriter) {
        switch event {
        case .connectRequested(let request, _): connectRequested(request, output: &output)
        case .publishRequested(let stream, let request, _):
            find(stream, request.name, .publish(request), output: &output)
        case .playRequested(let stream, let request, _): find(stream, request.name, .play(request), output: &output)
        // Nothing is published or played before there is a relay.
        case .mediaReceived, .publishStopped, .playStopped, .pauseChanged, .seekRequested, .audioWished, .videoWished:
            break
        case .bufferLengthSet, .needsInput, .answered, .unknownCommandReceived: break
        }
    }

    private func connectRequested(_ request: ConnectRequest, output: inout ByteWriter) {
        guard !server.isDraining else {
            // Behind what is written now.
            server.loop.afterRound { self.socket.close() }
            session?.refuse(Status(.connectRejected, "The proxy is going away."), output: &output)
            return
        }
        connect = request
        session?.acceptConnect(output: &output)
        awaitRequest()
    }

    private func find(
        _ stream: MessageStreamID, _ name: AMFString, _ asked: ClientSession.Purpose, output: inout ByteWriter
    ) {
        let connect = connect ?? ConnectRequest()
        do throws(StreamKeyError) {
            let address = try StreamAddress(tcUrl: connect.tcUrl, app: connect.app, name: name)
            let request = OriginSearch.Request(asked, of: address.key, on: stream, connect)
            let search = OriginSearch(request, for: self)
            self.search = search
            socket.deadline = nil
            // Behind what is being answered now.
            server.loop.afterRound { [weak self] in self?.search?.tryNext() }
        } catch {
            let isPublish = if case .publish = asked { true } else { false }
            context.meter.ended(isPublish ? .publish : .play, .name)
            session?.refuse(
                Status(isPublish ? .publishBadName : .playStreamNotFound, AMFString("No name of a stream: \(error).")),
                output: &output)
        }
    }

    /// An origin has accepted: the client is told, and the relay begins.
    func found(_ found: OriginSearch.Found, _ status: Status?) {
        search = nil
        server.withOutput(to: socket) { output in
            switch found.request.purpose {
            case .publish:
                if let status {
                    session?.acceptPublish(status, output: &output)
                } else {
                    session?.acceptPublish(output: &output)
                }
            case .play: session?.acceptPlay(status, output: &output)
            }
        }
        begin(found)
    }

    /// None has: the client is told why, and may ask for something else.
    func refused(_ status: Status) {
        search = nil
        server.withOutput(to: socket) { session?.refuse(status, output: &$0) }
        awaitRequest()
        resume()
    }
}
