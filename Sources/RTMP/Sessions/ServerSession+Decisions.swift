package import Bytes

/// What the owner has decided. Each must be an answer to what was asked last.
extension ServerSession {
    /// Appends windows and chunk size, then the answer: in this order, for some clients read answers longer than 128
    /// bytes only in one chunk.
    package mutating func acceptConnect(output: inout ByteWriter) {
        guard case .connect(let request, let transaction, let encoding)? = decision.take() else {
            preconditionFailure("no connect was asked for")
        }
        isConnected = true
        channel.announceWindow(settings.window, to: &output)
        channel.write(.setPeerBandwidth(settings.peerBandwidth, .dynamic), to: &output)
        channel.setChunkSize(settings.chunkSize, to: &output)
        let result = Command.connectResult(
            transaction: transaction, server: settings.properties(for: request), settings.status(for: request),
            encoding: encoding)
        write(result, to: &output)
        // Once, and not for each `_checkbw`. Old players wait for it.
        write(.onBWDone(encoding: encoding), to: &output)
    }

    /// Appends what a publisher waits for; media may come from here on. `status` where another server has answered for
    /// this one.
    package mutating func acceptPublish(
        _ status: Status = Status(.publishStart, "Publishing is on."), output: inout ByteWriter
    ) {
        guard case .publish(let stream, let name, let encoding)? = decision.take() else {
            preconditionFailure("no publish was asked for")
        }
        streams.set(stream, .publishing(name), encoding: encoding)
        idleCommands = 0
        notify(.streamBegin(stream), output: &output)
        notify(status, on: stream, output: &output)
    }

    /// Appends what a player waits for; media may be sent behind it.
    ///
    /// Begin, Reset where the player asks for it, Start, then the two data messages without which Flash players show
    /// nothing. `status` where another server has answered for this one: its own data messages follow, or none.
    package mutating func acceptPlay(_ status: Status? = nil, output: inout ByteWriter) {
        guard case .play(let stream, let isReset, let encoding)? = decision.take() else {
            preconditionFailure("no play was asked for")
        }
        streams.set(stream, .playing, encoding: encoding)
        idleCommands = 0
        notify(.streamBegin(stream), output: &output)
        if isReset { notify(Status(.playReset, "Playing begins anew."), on: stream, output: &output) }
        notify(status ?? Status(.playStart, "Playing is on."), on: stream, output: &output)
        guard status == nil else { return }
        let start = AMFProperties<AMF0Value>([("code", .string(StatusCode.dataStart.rawValue))])
        for data in [DataMessage.sampleAccess(), DataMessage("onStatus", [.object(start)])] {
            do throws(AMFError) { try channel.write(data, on: stream, to: &output) } catch {
                preconditionFailure("two constants can be written: \(error)")
            }
        }
    }

    /// Appends a refusal of what was asked last. Of a connect the client may try another, but most wait to be
    /// disconnected; of publish and play the connection may go on.
    ///
    /// Usual are `connectRejected` and `connectInvalidApp`; `publishDenied` and `publishBadName`; `playStreamNotFound`
    /// and `playFailed`. The status of another server may be passed on as it is.
    package mutating func refuse(_ status: Status, output: inout ByteWriter) {
        switch decision.take() {
        case .connect(_, let transaction, let encoding)?:
            let error = Command.error(transaction: transaction, status, encoding: encoding)
            write(error, to: &output)
        case .publish(let stream, _, let encoding)?, .play(let stream, _, let encoding)?:
            write(.onStatus(status, encoding: encoding), on: stream, to: &output)
        case nil: preconditionFailure("nothing was asked for")
        }
    }
}
