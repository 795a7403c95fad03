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
            return session.refuse(Status(.connectRejected, "The proxy is going away."), output: &output)
        }
        let onward: ConnectRequest
        do throws(PassageFault) {
            onward = try context.passage.onward(request, from: socket.peerAddress)
        } catch {
            server.loop.afterRound { self.socket.close() }
            return session.refuse(Status(.connectRejected, AMFString(error.text)), output: &output)
        }
        guard server.admit(self) else {
            server.loop.afterRound { self.socket.close() }
            session.refuse(Status(.connectRejected, "There are too many connections."), output: &output)
            return
        }
        connect = onward
        session.acceptConnect(output: &output)
        awaitRequest()
    }

    private func find(
        _ stream: MessageStreamID, _ name: AMFString, _ asked: ClientSession.Purpose, output: inout ByteWriter
    ) {
        let connect = connect ?? ConnectRequest()
        do throws(StreamKeyError) {
            let address = try StreamAddress(tcUrl: connect.tcUrl, app: connect.app, name: name)
            let request = OriginSearch.Request(asked, of: address.key, on: stream, connect)
            let search = OriginSearch(request, for: self, context, on: server)
            self.search = search
            list(request)
            socket.deadline = nil
            // Behind what is being answered now.
            server.loop.afterRound { [weak self] in self?.search?.begin() }
        } catch {
            let isPublish = if case .publish = asked { true } else { false }
            context.meter.ended(isPublish ? .publish : .play, .name)
            session.refuse(
                Status(isPublish ? .publishBadName : .playStreamNotFound, AMFString("No name of a stream: \(error).")),
                output: &output)
        }
    }

    /// An origin has accepted: the client is told, and the relay begins.
    func accepted(_ found: OriginSearch.Found, _ status: Status?) {
        search = nil
        server.withOutput(to: socket) { output in
            switch found.request.purpose {
            case .publish:
                if let status {
                    session.acceptPublish(status, output: &output)
                } else {
                    session.acceptPublish(output: &output)
                }
            case .play: session.acceptPlay(status, output: &output)
            }
        }
        begin(found)
    }

    /// None has: the client is told why, and may ask for something else.
    func refused(_ status: Status) {
        search = nil
        unlist()
        server.withOutput(to: socket) { session.refuse(status, output: &$0) }
        awaitRequest()
        resume()
    }
}

// MARK: - Requests behind the relay's beginning

extension RelayConnection {
    /// What a step of the relay has come upon.
    func heard(
        _ event: RelayDirection.Event, from side: Relay.Side, onward: inout ByteWriter, back: inout ByteWriter
    ) {
        switch event {
        case .command(let stream, let command?):
            if side == .origin {
                if let status = Status(command) { moving.heard(status) }
            } else if endsStream(command, on: stream) {
                stop = (stream, command)
            }
        case .requested(let stream, let command):
            if side == .client { requested(command, on: stream, onward: &onward, back: &back) }
        case .command(_, nil), .needsInput, .forwarded: break
        }
    }

    /// Whether it ends what is relayed.
    private func endsStream(_ command: Command, on stream: MessageStreamID) -> Bool {
        guard let request else { return false }
        let call: ClientCommand
        do { call = try ClientCommand(command) } catch { return false }
        switch call {
        case .fcUnpublish: return request.purpose == .publish
        case .closeStream: return stream == request.stream || stream == .connection
        case .deleteStream(let id): return id == nil || id == request.stream.number
        case .connect, .createStream, .releaseStream, .fcPublish, .fcSubscribe, .getStreamLength, .checkBandwidth,
            .publish, .play, .pause, .seek, .receiveAudio, .receiveVideo, .other:
            return false
        }
    }

    /// A player may go on to another stream, and `play(false)` and `publish(false)` are how Flash ends either. Anything
    /// else would be a second stream, which may have another origin.
    private func requested(
        _ command: Command, on stream: MessageStreamID, onward: inout ByteWriter, back: inout ByteWriter
    ) {
        guard let request else { return }
        let isPlay = command.name.equals("play")
        let isEnd = command.argument(0)?.boolean == false
        let isSameStream = stream == request.stream && isPlay == (request.purpose == .play)
        do throws(AMFError) {
            if isSameStream, isPlay || isEnd {
                try relay?.leave(toOrigin: &onward)
                stop = (stream, command)
            } else {
                let text: AMFString = "The connection has a stream already; another one needs a connection of its own."
                try relay?.notify(
                    Status(isPlay ? .playFailed : .publishDenied, text), on: stream, encoding: command.encoding,
                    output: &back)
            }
        } catch {
            preconditionFailure("constants can be written: \(error)")
        }
    }

    /// Gives the client's leg back to its session, where nothing that the client is being sent is cut; the session
    /// answers what has ended the relay.
    func finishStop() {
        guard let stop, relay?.isBetweenMessages ?? true else {
            if socket.deadline == nil { socket.deadline = server.loop.now + context.limits.stopTimeout }
            return
        }
        endRelay()
        awaitRequest()
        do throws(SessionError) {
            try server.withOutput(to: socket) { (output: inout ByteWriter) throws(SessionError) in
                let event = try session.receive(stop.command, on: stop.stream, output: &output)
                if let event { happened(event, output: &output) }
                // Behind the end of one play the session may have the next, for which nothing more has to come.
                if !isWaiting { happened(try session.next(RawSpan(), output: &output).event, output: &output) }
            }
        } catch {
            fail(error)
        }
    }
}
