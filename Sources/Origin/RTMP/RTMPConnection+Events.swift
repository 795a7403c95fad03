import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Telemetry

extension RTMPConnection {
    /// What a step of the session asks for.
    func happened(_ event: ServerSession.Event, output: inout ByteWriter) {
        switch event {
        case .mediaReceived(let kind, let message): receive(kind, message)
        case .connectRequested(let request, _): connectRequested(request, output: &output)
        case .publishRequested(let stream, let request, _): publishRequested(stream, request, output: &output)
        case .playRequested(let stream, let request, _): playRequested(stream, request, output: &output)
        case .publishStopped(let stream):
            endPublishing(stream, "unpublished")
            setPace()
            setDeadline()
        case .playStopped(let stream):
            endPlaying(stream)
            setDeadline()
        case .pauseChanged(let stream, let isPaused, _):
            change(stream, output: &output) { $0.change(isPaused: isPaused) }
        case .audioWished(let stream, let isWanted):
            change(stream, output: &output) { $0.change(wantsAudio: isWanted) }
        case .videoWished(let stream, let isWanted):
            change(stream, output: &output) { $0.change(wantsVideo: isWanted) }
        // There is nowhere to seek in what is live, and no buffer to fill.
        case .seekRequested, .bufferLengthSet: break
        case .needsInput, .answered, .unknownCommandReceived: break
        }
    }

    private func connectRequested(_ request: ConnectRequest, output: inout ByteWriter) {
        guard !server.isDraining else {
            // Behind what is written now.
            server.loop.afterRound { self.socket.close() }
            return session.refuse(Status(.connectRejected, "The server is going away."), output: &output)
        }
        guard server.admit(self) else {
            server.loop.afterRound { self.socket.close() }
            return session.refuse(Status(.connectRejected, "There are too many connections."), output: &output)
        }
        connect = request
        session.acceptConnect(output: &output)
        setDeadline()
    }

    /// The stream that a name means on this connection, or why it means none.
    private func resolve(_ name: AMFString) -> Result<(StreamKey, HostSettings), NameRefusal> {
        do throws(StreamKeyError) {
            let address = try StreamAddress(tcUrl: connect?.tcUrl, app: connect?.app, name: name)
            guard let (key, settings) = context.hosts.resolve(address.key) else {
                return .failure(NameRefusal(text: "No such virtual host: \(address.key.vhost)."))
            }
            return .success((key, settings))
        } catch {
            return .failure(NameRefusal(text: "No name of a stream: \(error)."))
        }
    }
}

/// Why a name is refused, for the client to read.
private struct NameRefusal: Error {
    let text: String
}

/// A publish that a client asks for.
struct PublishWish {
    let stream: MessageStreamID
    let key: StreamKey
    let settings: HostSettings
}

// MARK: - Publishing

extension RTMPConnection {
    private func publishRequested(_ stream: MessageStreamID, _ request: PublishRequest, output: inout ByteWriter) {
        switch resolve(request.name) {
        case .failure(let refusal):
            context.meter.refused(.name)
            session.refuse(Status(.publishBadName, AMFString(refusal.text)), output: &output)
        case .success((let key, let settings)):
            publish(PublishWish(stream: stream, key: key, settings: settings), mayWait: true, output: &output)
        }
        setDeadline()
    }

    private func publish(_ wish: PublishWish, mayWait: Bool, output: inout ByteWriter) {
        let streams = context.streams
        let policy = wish.settings.policy
        switch Publication.begin(wish.key, policy: policy, table: streams.table, on: streams.loop) {
        case .began(let publication):
            publications.append((wish.stream, publication, wish.settings))
            list(publication)
            context.meter.publishers.add()
            session.acceptPublish(output: &output)
            setPace()
            server.log.info("publishing", logFields(wish.key))
        case .busy where mayWait:
            waiting = (wish, server.loop.arm(after: context.timeouts.busy, self))
        case .busy:
            context.meter.refused(.busy)
            server.log.warning(
                "stream is busy, publisher refused", every: &context.notices.busy, at: server.loop.now,
                logFields(wish.key))
            session.refuse(Status(.publishBadName, "Somebody else publishes this stream."), output: &output)
        case .full(let maximum):
            context.meter.refused(.full)
            server.log.warning(
                "too many streams, publisher refused", every: &context.notices.full, at: server.loop.now,
                logFields(wish.key))
            session.refuse(Status(.publishDenied, AMFString("More than \(maximum) streams.")), output: &output)
        }
    }

    private func askAgain() {
        // One that is being closed is answered nothing any more.
        guard socket.isOpen, let wish = waiting.take()?.wish else { return }
        server.withOutput(to: socket) { output in publish(wish, mayWait: false, output: &output) }
        setDeadline()
        resume()
    }

    private func receive(_ kind: MediaKind, _ message: Message) {
        guard let publisher = publications.first(where: { $0.stream == message.header.stream }) else { return }
        context.meter.received.add(UInt64(message.payload.count))
        let publication = publisher.publication
        switch kind {
        case .audio, .video:
            publication.receive(kind, timestamp: message.header.timestamp, body: message.payload)
        case .data: publication.receive(data: message)
        }
        if let most = publisher.settings.viewerTimeout, publication.isLonely(for: most) {
            context.meter.cut(.unwatched)
            endPublishing(publisher.stream, "nobody watches")
            return server.loop.afterRound { self.socket.close() }
        }
        setDeadline()
    }

    func endPublishing(_ stream: MessageStreamID, _ reason: String) {
        guard let index = publications.firstIndex(where: { $0.stream == stream }) else { return }
        let publication = publications.remove(at: index).publication
        publication.end()
        context.streams.unlist(publication.key)
        updateListing()
        context.meter.publishers.subtract()
        context.meter.add(publication.faults)
        server.log.with(logFields(publication.key)).info(
            "publishing has ended",
            ["reason": reason, "frames": publication.frameCount, "malformed": publication.faults.malformed])
    }

    private func logFields(_ key: StreamKey) -> LogFields {
        ["stream": key.description, "peer": socket.peerAddress?.description ?? ""]
    }
}

extension RTMPConnection: TimerTarget {
    /// Asks behind all else that this round brings: the end of the other publisher may be part of it.
    func timerFired(_ token: UInt32) { server.loop.afterRound { self.askAgain() } }
}

// MARK: - Playing

extension RTMPConnection {
    private func playRequested(_ stream: MessageStreamID, _ request: PlayRequest, output: inout ByteWriter) {
        switch resolve(request.name) {
        case .failure(let refusal):
            session.refuse(Status(.playStreamNotFound, AMFString(refusal.text)), output: &output)
        case .success((let key, let settings)):
            session.acceptPlay(output: &output)
            // What was answered goes out in front of the media.
            socket.enqueue(output.bytes)
            output.removeAll()
            let player = RTMPPlayer(
                key, on: stream, of: socket, in: context.streams, policy: settings.policy,
                meter: context.meter.viewers)
            players.append(player)
            updateListing()
            setPace()
            server.log.debug("playing", logFields(key))
            if player.begin() {
                socket.flush()
            } else {
                failPlaying(stream, output: &output)
            }
        }
        setDeadline()
    }

    /// Has the player of a message stream do as the client wishes.
    private func change(_ stream: MessageStreamID, output: inout ByteWriter, _ body: (RTMPPlayer) -> Bool) {
        guard let player = players.first(where: { $0.stream == stream }), !body(player) else { return }
        failPlaying(stream, output: &output)
        setDeadline()
    }

    private func failPlaying(_ stream: MessageStreamID, output: inout ByteWriter) {
        session.notify(Status(.playFailed, "There are too many streams."), on: stream, output: &output)
        endPlaying(stream)
    }

    func endPlaying(_ stream: MessageStreamID) {
        guard let index = players.firstIndex(where: { $0.stream == stream }) else { return }
        let player = players.remove(at: index)
        player.end()
        updateListing()
        session.sent(Int(player.bytesSent))
    }
}
