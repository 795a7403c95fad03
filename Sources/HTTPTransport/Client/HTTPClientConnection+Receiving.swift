import Bytes
import HTTP
import Reactor

extension HTTPClientConnection: TCPHandler {
    func received(_ bytes: RawSpan, on connection: TCPConnection) {
        switch phase {
        case .exchanging(let exchange):
            answerBegan = true
            exchange.hasAnswerBytes = true
        case .discarding: break
        // Bytes that answer nothing: what else is wrong with this server nobody wants to find out.
        case .idle, .resting: return failed(.protocolError(.unsolicited))
        case .connecting, .gone: return
        }
        if input.isEmpty {
            let consumed = process(bytes)
            keep(bytes.extracting(consumed..<bytes.byteCount))
        } else {
            keep(bytes)
            processInput()
        }
        inputProcessed()
    }

    func peerFinished(_ connection: TCPConnection) { inputEnded(.finished) }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { inputEnded(.lost(reason)) }

    func outputDrained(_ connection: TCPConnection) {
        if case .exchanging(let exchange) = phase { exchange.outputDrained() }
    }

    /// Goes on with what the owner has held back.
    func goOn() {
        guard case .exchanging(let exchange) = phase, !exchange.isPaused else { return }
        processInput()
        inputProcessed()
        guard case .exchanging(let exchange) = phase, !exchange.isPaused else { return }
        if let inputEnd { end(by: inputEnd) } else { socket?.resumeReading() }
    }

    private func keep(_ bytes: RawSpan) {
        guard !bytes.isEmpty, wantsInput else { return }
        // More cannot come: a head that fills its limit has failed before, and a pause stops reading.
        if !input.append(bytes) { failed(.closed(.aborted)) }
    }

    private var wantsInput: Bool {
        switch phase {
        case .exchanging, .discarding: true
        case .connecting, .resting, .idle, .gone: false
        }
    }

    private func processInput() {
        let consumed = process(input.readable)
        input.consume(consumed)
    }

    private func inputProcessed() {
        guard case .exchanging(let exchange) = phase else { return }
        if isUpgraded { handOver(exchange) } else { watch() }
    }

    // MARK: - The end of input

    private func inputEnded(_ end: InputEnd) {
        switch phase {
        case .exchanging(let exchange) where exchange.isPaused && !input.isEmpty:
            // A loss outweighs the orderly end that came before it.
            inputEnd = end
        case .exchanging, .discarding: self.end(by: end)
        case .idle, .resting:
            if case .idle = phase { client.counters.idleLost &+= 1 }
            retire()
        case .connecting, .gone: break
        }
    }

    /// All that came has been looked at, and no more will.
    private func end(by end: InputEnd) {
        if case .lost(let reason) = end { return failed(HTTPClientError.Kind(reason)) }
        let isCut = socket?.inputWasTruncated ?? false
        switch machine.inputEnded() {
        case .ended where isCut: failed(.closed(nil))
        case .ended: answerEnded(reusable: false)
        case .failed(let failure): failed(HTTPClientError.Kind(failure))
        case .needsInput, .interim, .response, .body, .upgraded, nil: failed(.closed(nil))
        }
    }
}

// MARK: - Answers

extension HTTPClientConnection {
    /// Feeds the machine until it has had enough; returns how many bytes are done with.
    private func process(_ bytes: RawSpan) -> Int {
        var consumed = 0
        while isListening {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            let step = machine.receive(rest, into: &client.head)
            let start = consumed
            consumed += step.consumed
            if case .body(let range) = step.event, gathersBody {
                client.pieces.append(start + range.lowerBound..<start + range.upperBound)
                if client.pieces.count == Self.maximumPieces { tellPieces(of: bytes) }
                continue
            }
            tellPieces(of: bytes)
            switch step.event {
            case .needsInput: return consumed
            case .interim(let status): interim(status)
            case .response: responded()
            case .body(let range): bodyArrived(rest.extracting(range))
            case .ended(let reusable):
                // Whatever follows an answer that was asked for answers nothing.
                answerEnded(reusable: reusable && consumed == bytes.byteCount)
                return bytes.byteCount
            case .upgraded:
                isUpgraded = true
                return consumed
            case .failed(let failure):
                failed(HTTPClientError.Kind(failure))
                return bytes.byteCount
            }
        }
        return wantsInput ? consumed : bytes.byteCount
    }

    /// What a read has brought of a body goes to its owner at once, before what comes behind it.
    private static let maximumPieces = 64

    private var gathersBody: Bool {
        if case .exchanging(let exchange) = phase { exchange.request.gathersBody } else { false }
    }

    private func tellPieces(of bytes: RawSpan) {
        guard !client.pieces.isEmpty else { return }
        // Taken out for the call: it may lead to another connection's input.
        var pieces: [Range<Int>] = []
        swap(&pieces, &client.pieces)
        if case .exchanging(let exchange) = phase {
            exchange.handler?.bodyArrived(SpanPieces(pieces, of: bytes), exchange)
        }
        pieces.removeAll(keepingCapacity: true)
        swap(&pieces, &client.pieces)
    }

    private var isListening: Bool {
        switch phase {
        case .exchanging(let exchange): !exchange.isPaused
        case .discarding: true
        case .connecting, .resting, .idle, .gone: false
        }
    }

    private func interim(_ status: Status) {
        guard status == .continue, case .exchanging(let exchange) = phase else { return }
        exchange.releaseBody()
    }

    private func responded() {
        guard case .exchanging(let exchange) = phase else { return }
        // The head is taken out for the call, so that it is borrowed from nobody while the handler runs.
        var head = ResponseHead()
        swap(&head, &client.head)
        defer { swap(&head, &client.head) }
        switch exchange.redirect(by: head) {
        case .none: break
        case .follow(let next):
            let left = leftToDiscard(head.framing)
            exchange.follow(next)
            phase = .discarding(exchange, left: left)
            socket?.deadline = client.loop.now + client.options.bodyTimeout
            if left < 0 { failed(.closed(nil)) }
            return
        case .tooMany: return failed(.tooManyRedirects(maximum: exchange.request.maximumRedirects))
        }
        do throws(HTTPParseError) {
            try machine.limitBody(to: exchange.request.maximumBody)
        } catch {
            return failed(.tooLarge(maximum: exchange.request.maximumBody))
        }
        exchange.hasResponded = true
        exchange.handler?.responded(head, exchange)
    }

    /// How much of a redirect's body may be read for the sake of its connection; negative where that is not worth it.
    private func leftToDiscard(_ framing: BodyFraming) -> Int {
        let maximum = client.options.maximumDiscardedBody
        return switch framing {
        case .none, .length(0): maximum
        case .length(let count): maximum - count
        case .chunked: maximum
        case .untilClose: -1
        }
    }

    private func bodyArrived(_ bytes: RawSpan) {
        switch phase {
        case .exchanging(let exchange): exchange.handler?.bodyArrived(bytes, exchange)
        case .discarding(let exchange, let left):
            phase = .discarding(exchange, left: left - bytes.byteCount)
            if left < bytes.byteCount { failed(.closed(nil)) }
        case .connecting, .resting, .idle, .gone: break
        }
    }

    private func answerEnded(reusable: Bool) {
        // Its owner may have given it up over the last piece.
        if case .gone = phase { return }
        let (finished, next) = (phase.answered, phase.redirected)
        if reusable { rest() } else { retire() }
        finished?.answered()
        next?.goesOn()
    }
}

extension HTTPClientConnection.Phase {
    fileprivate var answered: HTTPClientExchange? {
        if case .exchanging(let exchange) = self { exchange } else { nil }
    }

    fileprivate var redirected: HTTPClientExchange? {
        if case .discarding(let exchange, _) = self { exchange } else { nil }
    }
}
