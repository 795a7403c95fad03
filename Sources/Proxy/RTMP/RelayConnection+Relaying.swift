import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Registry
import Telemetry

// MARK: - Beginning and ending

extension RelayConnection {
    /// Both sides have agreed: from here on bytes flow.
    func begin(_ found: OriginSearch.Found) {
        guard let origin = found.leg.handOver() else { return socket.abort() }
        leg = found.leg
        claim = found.claim
        request = found.request
        context.meter.sessions(found.request.purpose).add()
        context.routing.records.opened(found.leg.routed.origin.id, .rtmp)
        let others = found.request.purpose == .publish ? session.streams(besides: found.request.stream) : nil
        var relay = Relay(
            client: session.lend(), on: found.request.stream, besides: others, origin: origin, on: found.originStream)
        server.withOutput(to: socket) { toClient in
            var toOrigin = ByteWriter()
            relay.begin(toClient: &toClient, toOrigin: &toOrigin)
            found.leg.socket?.write(toOrigin.bytes)
        }
        self.relay = relay
        joined()
        found.leg.goOn()
        resume()
    }

    /// Ends the relay with this origin; the client's leg is its session's again.
    func leaveOrigin() {
        guard let leg = leg.take(), let relay = relay.take() else { return }
        session.takeBack(relay.releaseClient())
        leg.end()
        if let request { context.meter.sessions(request.purpose).subtract() }
        context.routing.records.ended(leg.routed.origin.id, .rtmp)
        claim?.release()
        claim = nil
    }

    /// Sends the client away. What it has been sent reaches it first, however long that takes; what it had is free at
    /// once.
    func dismiss() {
        // First: what is sent with it may drain the output, and nothing of the client's shall be looked at any more.
        socket.close()
        giveUp()
    }

    /// Nothing is searched for or relayed any more.
    func giveUp() {
        search?.abandon()
        search = nil
        endRelay()
    }

    /// Nothing is relayed any more, or shall be again.
    func endRelay() {
        leaveOrigin()
        stopMoving()
        request = nil
        stop = nil
        unlist()
    }
}

// MARK: - Passing on

extension RelayConnection {
    /// Passes on what `side` has sent; returns what was consumed, which is nearly all.
    func pass(_ bytes: RawSpan, from side: Relay.Side) -> Int {
        guard let other = side == .client ? leg?.socket : socket, let own = side == .client ? socket : leg?.socket
        else { return bytes.byteCount }
        (side == .client ? context.meter.upstream : context.meter.downstream).add(UInt64(bytes.byteCount))
        var consumed = 0
        do throws(ChunkError) {
            try server.withOutput(to: other) { (onward: inout ByteWriter) throws(ChunkError) in
                var back = ByteWriter()
                while relay != nil {
                    let rest = bytes.extracting(consumed..<bytes.byteCount)
                    let before = onward.count
                    guard let step = try relay?.next(rest, from: side, onward: &onward, back: &back) else { return }
                    if !step.raw.isEmpty { send(rest.extracting(step.raw), into: &onward, at: before, to: other) }
                    consumed += step.consumed
                    if step.event == .needsInput { break }
                    heard(step.event, from: side, onward: &onward, back: &back)
                    if side == .client, stop != nil { break }
                }
                own.write(back.bytes)
            }
        } catch {
            server.failed(own, .chunks(error), phase: session.phase)
            dismiss()
        }
        if stop != nil { finishStop() }
        if relay != nil, other.isOutputBlocked { own.pauseReading() }
        return consumed
    }

    /// Sends `raw` where it belongs: behind what was in `onward` before the step, in front of what the step has added.
    private func send(_ raw: RawSpan, into onward: inout ByteWriter, at before: Int, to other: TCPConnection) {
        other.write(onward.bytes.extracting(0..<before))
        other.write(raw)
        guard onward.count > before else { return onward.removeAll() }
        other.write(onward.bytes.extracting(before..<onward.count))
        onward.removeAll()
    }
}
