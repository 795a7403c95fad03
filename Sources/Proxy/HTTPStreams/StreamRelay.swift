import Bytes
import HTTP
import HTTPTransport
import Media
import Reactor
import Registry
import Service
import Telemetry

/// One viewer of a stream over HTTP, or over a WebSocket: the search for an origin that answers, then its answer,
/// passed on as it comes.
///
///     searching ──an answer is passed on──► relaying ──either side ends──► over
///       ▲ │ failed, no such stream             ▲
///       └─┘          none left: told why ──────┼──────────────────────────► over
///
/// A viewer that waits at an origin for a publisher who has gone to another is sent there. Where the answer has begun
/// it is ended instead, so that the viewer comes again: a file has one beginning.
///
/// Origins are asked by HTTP alone: a WebSocket ends here, so that it works in front of every origin. It is agreed to
/// when the origin has answered, so that its viewer, too, sees a status where there is no stream. A viewer that takes
/// nothing holds its origin back; nothing is buffered here beyond a read and the watermarks.
final class StreamRelay {
    private enum Phase {
        case searching
        case relaying
        case over
    }

    private let request: StreamRequest
    private let context: StreamRelayContext
    private let viewer: StreamViewer
    private let began: Instant
    private var phase = Phase.searching
    private var search: StreamSearch
    private var choice: StreamSearch.Choice?
    private var routed: RoutedOrigin? { choice?.routed }
    /// Those of that origin which are left where it cannot be connected to at this one.
    private var addresses: ArraySlice<OriginAddress> = []
    /// Ends the time of an origin that is only asked what it has now.
    private var glance: TimerID?
    /// When that origin was asked.
    private var asked: Instant
    private var upstream: HTTPClientExchange?
    var watchPlace: Int?
    private var listing: RosterID?
    /// Bytes of the answer's body, as they came.
    private(set) var passedOn: UInt64 = 0
    /// Whether part of a body has come since the last look.
    private var hasHeard = false
    /// Times that the stream's owner was asked in the place of an origin that had not answered.
    private var moves = 0
    private var lastStatus: Status?
    private var lastFailure: RelayFailure?

    init(_ request: StreamRequest, to viewer: StreamViewer, _ context: StreamRelayContext) {
        self.request = request
        self.viewer = viewer
        self.context = context
        began = context.client.loop.now
        asked = began
        search = StreamSearch(for: request.key, mayWait: request.method != .head, at: began)
    }

    private var now: Instant { context.client.loop.now }
    private var form: StreamForm { request.isWebSocket ? .webSocket : .http }

    /// Begins; everything else comes from the viewer and from origins.
    func begin() {
        viewer.onEnd = { self.viewerGone() }
        viewer.onDrain = { self.upstream?.resumeResponse() }
        listing = context.sessions.add(self, kind, of: request.key)
        context.watch.add(self)
        askNext()
    }

    // MARK: - The search

    private func askNext() {
        if let next = search.next(in: context.routing, at: now) { ask(next) } else { giveUp() }
    }

    private func ask(_ choice: StreamSearch.Choice) {
        self.choice = choice
        if search.requests > 1 { context.meter.retried(form) }
        context.routing.records.attempted(choice.routed.origin.id, .http)
        asked = now
        addresses = choice.routed.addresses[...]
        send(choice)
    }

    /// Asks at the next address.
    private func send(_ choice: StreamSearch.Choice) {
        let left = addresses.count
        guard let address = addresses.popFirst(), let origin = address.httpOrigin else { return failed(.connect(nil)) }
        do throws(HTTPParseError) {
            let url = try request.target.withRawSpan { target throws(HTTPParseError) in
                try HTTPURL(origin: origin, target: target)
            }
            var wanted = HTTPClientRequest(request.method, url, fields: request.fields)
            wanted.host = request.host
            wanted.gathersBody = true
            if !choice.isPatient {
                wanted.fields.set(.prefer, StreamRelayContext.withoutWaiting)
                let time = max(asked + StreamRelayContext.glance - now, .milliseconds(1))
                glance = context.client.loop.arm(after: time / left, self)
            }
            upstream = context.client.send(wanted, to: self)
        } catch {
            // A query may hold what no other server has to take.
            finish(.name)
            viewer.fail(.badRequest, "the target cannot be passed on")
        }
    }

    private func stopGlance() {
        if let glance { context.client.loop.cancel(glance) }
        glance = nil
    }

    private func failed(_ kind: HTTPClientError.Kind) {
        guard let choice, let routed else { return }
        stopGlance()
        upstream = nil
        if kind.isUnconnected, !addresses.isEmpty { return send(choice) }
        let failure = StreamFailure(kind, fromOwner: routed.isOwner)
        let origin = routed.origin.id
        if failure.isSilence { context.routing.doubted(origin, .http) }
        let isNews = failure.concernsOrigin && context.routing.failed(origin, .http, kind.fault, at: now)
        let line = context.log.with(["origin": origin.text, "stream": request.key.description, "reason": "\(kind)"])
        if isNews { line.warning("origin is out") } else { line.debug("origin did not answer a viewer") }
        if failure.saysFull {
            context.routing.rejected(origin, .http, at: now)
        } else if !failure.concernsOrigin, !failure.isSilence {
            context.routing.reached(origin, .http, at: now)
        }
        search.note(failure.isSilence ? .silent : .failed)
        passOver(routed, failure.metric)
        if failure.isOrigins { askNext() } else { giveUp() }
    }

    private func passOver(_ routed: RoutedOrigin, _ reason: RelayFailure) {
        lastFailure = reason
        context.meter.failed(reason)
        context.routing.records.failed(routed.origin.id, .http)
    }

    /// None is left: what is known of them is told.
    private func giveUp() {
        if let lastStatus {
            finish(.refused)
            return viewer.fail(lastStatus, "the origin has answered \(lastStatus.code)")
        }
        finish(.unreachable)
        context.log.warning(
            "no origin for a viewer", every: &context.notices.noOrigin, at: now,
            ["stream": request.key.description, "tried": search.requests])
        guard search.requests > 0 else {
            var fields = Fields()
            fields.append(.retryAfter, decimal: StreamRelayContext.retryAfterSeconds)
            return viewer.fail(.serviceUnavailable, "no origin is there for the stream", fields)
        }
        let isLate = lastFailure == .timeout
        viewer.fail(isLate ? .gatewayTimeout : .badGateway, "no origin could be reached for the stream")
    }

    // MARK: - Ends

    /// The search is over without an answer to pass on.
    private func finish(_ outcome: RelayOutcome) {
        context.meter.ended(form, outcome)
        phase = .over
        stopGlance()
        context.watch.remove(self)
    }

    private func viewerGone() {
        if let listing = listing.take() { context.sessions.remove(listing, kind, of: request.key) }
        switch phase {
        case .searching: finish(.abandoned)
        case .relaying: relayEnded()
        case .over: break
        }
        upstream.take()?.cancel()
    }

    private func relayEnded() {
        phase = .over
        context.watch.remove(self)
        context.meter.sessions(form).subtract()
        if let routed { context.routing.records.ended(routed.origin.id, .http) }
    }
}

// MARK: - For operators

extension StreamRelay: ListedSession {
    private var kind: SessionFacts.Kind { request.isWebSocket ? .webSocket : .http }

    var facts: SessionFacts? {
        SessionFacts(
            kind: kind, key: request.key, peer: viewer.peer, origin: phase == .relaying ? routed?.origin.id : nil)
    }

    var totals: ByteRates.Totals { ByteRates.Totals(sent: passedOn) }

    func kick() {
        switch phase {
        case .searching:
            finish(.abandoned)
            upstream.take()?.cancel()
            viewer.fail(.forbidden, "ended by an operator")
        case .relaying:
            upstream.take()?.cancel()
            relayEnded()
            viewer.end()
        case .over: break
        }
    }
}

// MARK: - Following the owner

extension StreamRelay: WatchedRelay {
    func look() {
        let isSilent = !hasHeard
        hasHeard = false
        guard isSilent, let routed, context.routing.isElsewhere(request.key, than: routed.origin, at: now) else {
            return
        }
        switch phase {
        case .searching: moveToOwner()
        case .relaying:
            // What has come for one that takes nothing is still to be sent.
            guard !viewer.isBlocked else { return }
            upstream.take()?.cancel()
            relayEnded()
            viewer.end()
        case .over: break
        }
    }

    /// The origin that was asked has nothing to answer yet, and now never will.
    private func moveToOwner() {
        guard moves < StreamRelayContext.maximumMoves,
            let owner = context.routing.next(for: request.key, .http, to: .view, at: now), owner.isOwner
        else { return }
        moves += 1
        stopGlance()
        upstream.take()?.cancel()
        ask(search.move(to: owner))
    }
}

extension StreamRelay: TimerTarget {
    func timerFired(_ token: UInt32) {
        glance = nil
        let isConnected = upstream?.peerAddress != nil
        let rest = asked + StreamRelayContext.glance - now
        if isConnected, rest > .zero {
            // It was the part of one address of several, and this one may take it all.
            glance = context.client.loop.arm(after: rest, self)
            return
        }
        upstream.take()?.cancel()
        failed(isConnected ? .timeout(.head) : .connect(nil))
    }
}

// MARK: - From the origin

extension StreamRelay: HTTPResponseHandler {
    func responded(_ head: borrowing ResponseHead, _ exchange: HTTPClientExchange) {
        guard exchange === upstream, case .searching = phase, let routed else { return }
        let status = head.status
        stopGlance()
        note(status, of: routed.origin)
        if status.mayDifferElsewhere {
            search.note(status == .notFound ? .absent : .failed)
            if let next = search.next(in: context.routing, at: now) {
                lastStatus = status
                passOver(routed, .refused)
                upstream = nil
                exchange.cancel()
                return ask(next)
            }
        }
        let isGood = status.code < 400
        if isGood {
            context.routing.records.answered(routed.origin.id, .http, after: now - asked)
            context.meter.latency(form).observe(from: began, to: now)
        }
        context.meter.ended(form, isGood ? .relayed : .refused)
        context.meter.sessions(form).add()
        context.routing.records.opened(routed.origin.id, .http)
        phase = .relaying
        context.log.debug(
            "relaying",
            [
                "stream": request.key.description, "origin": routed.origin.id.text, "status": Int(status.code),
                "tries": search.requests,
            ])
        viewer.begin(head, answering: request.method)
        holdBackWhereBlocked(exchange)
    }

    private func note(_ status: Status, of origin: Origin) {
        if status == .loopDetected { context.passage.leadsBack(origin, request.key) }
        if status == .serviceUnavailable || status == .loopDetected {
            context.routing.rejected(origin.id, .http, at: now)
        } else if status.code < 400 {
            context.routing.accepted(origin.id, .http, at: now)
        } else {
            context.routing.reached(origin.id, .http, at: now)
        }
    }

    func bodyArrived(_ pieces: borrowing SpanPieces, _ exchange: HTTPClientExchange) {
        guard exchange === upstream else { return }
        hasHeard = true
        context.meter.downstream.add(UInt64(pieces.byteCount))
        passedOn &+= UInt64(pieces.byteCount)
        viewer.send(pieces)
        holdBackWhereBlocked(exchange)
    }

    func bodyArrived(_ bytes: RawSpan, _ exchange: HTTPClientExchange) { bodyArrived(SpanPieces(bytes), exchange) }

    private func holdBackWhereBlocked(_ exchange: HTTPClientExchange) {
        if viewer.isBlocked { exchange.pauseResponse() }
    }

    func answerEnded(_ exchange: HTTPClientExchange) {
        guard exchange === upstream else { return }
        upstream = nil
        relayEnded()
        viewer.end()
    }

    func failed(_ error: HTTPClientError, _ exchange: HTTPClientExchange) {
        guard exchange === upstream else { return }
        upstream = nil
        switch phase {
        case .searching: failed(error.kind)
        case .relaying:
            context.meter.failed(.cut)
            relayEnded()
            viewer.breakOff()
        case .over: break
        }
    }
}

extension Status {
    /// Whether another origin may answer otherwise: it has the stream, or is not in trouble. What is said of the
    /// viewer, that it may not for example, holds everywhere.
    fileprivate var mayDifferElsewhere: Bool { self == .notFound || code / 100 == 5 }
}
