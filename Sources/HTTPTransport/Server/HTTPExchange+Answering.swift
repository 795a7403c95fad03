package import Bytes
package import HTTP
package import Reactor

extension HTTPExchange {
    /// Answers with `body`, in one piece.
    package func respond(_ status: Status, _ fields: borrowing Fields = Fields(), body: SharedBytes = .empty) {
        guard case .awaiting = state, let connection = liveConnection else { return }
        guard let plan = connection.machine.answer(status, .length(body.count)) else { return }
        writeHead(plan, fields, on: connection)
        guard plan.sendsBody else { return answered(on: connection) }
        if body.count <= connection.server.options.maximumCopiedBody {
            connection.server.write(for: connection) { $0.append(body) }
            return answered(on: connection)
        }
        state = .streaming(plan)
        unsent = body
        sendUnsent()
    }

    /// Begins an answer whose body follows with `write` and ends with `end`. False where none is due any more.
    @discardableResult
    package func begin(_ status: Status, _ fields: borrowing Fields = Fields(), _ body: OutgoingBody = .stream) -> Bool
    {
        guard case .awaiting = state, let connection = liveConnection else { return false }
        guard let plan = connection.machine.answer(status, body) else { return false }
        state = .streaming(plan)
        if case .length(let count) = plan.framing { owed = count }
        writeHead(plan, fields, on: connection)
        connection.flushUnlessReading()
        return true
    }

    /// Sends a piece of the body; shared bytes are not copied. Watch `isBlocked`.
    ///
    /// More than the promised length breaks the connection off: the client would take it for the next answer.
    package func write(_ bytes: SharedBytes) {
        enqueue(bytes)
        flush()
    }

    /// As `write`, without a system call: several pieces leave together with `flush`.
    package func enqueue(_ bytes: SharedBytes) {
        guard case .streaming(let plan) = state, plan.sendsBody, !bytes.isEmpty, unsent == nil,
            let connection = liveConnection
        else { return }
        if let owed {
            guard bytes.count <= owed else { return breakOff() }
            self.owed = owed - bytes.count
        }
        connection.server.enqueue(connection)
        let socket = connection.connection
        guard plan.framing == .chunked else { return socket.enqueue(bytes) }
        var header = ByteWriter(capacity: ChunkedEncoder.maximumHeaderBytes)
        ChunkedEncoder.appendHeader(bytes.count, to: &header)
        socket.enqueue(header.bytes)
        socket.enqueue(bytes)
        socket.enqueue(ChunkedEncoder.lineEnd)
    }

    /// As `write`, of bytes that are only lent: what the socket takes at once is not copied.
    package func write(_ pieces: borrowing SpanPieces) {
        guard case .streaming(let plan) = state, plan.sendsBody, pieces.byteCount > 0, unsent == nil,
            let connection = liveConnection
        else { return }
        if let owed {
            guard pieces.byteCount <= owed else { return breakOff() }
            self.owed = owed - pieces.byteCount
        }
        connection.server.write(pieces, isChunk: plan.framing == .chunked, for: connection)
    }

    /// Sends what has been enqueued.
    package func flush() { liveConnection?.connection.flush() }

    /// Ends the body that was begun. One that is shorter than promised breaks the connection off.
    package func end() {
        guard case .streaming(let plan) = state, unsent == nil, let connection = liveConnection else { return }
        if plan.sendsBody, let owed, owed > 0 { return breakOff() }
        if plan.sendsBody, plan.framing == .chunked {
            connection.server.write(for: connection) { $0.append(ChunkedEncoder.end) }
        }
        answered(on: connection)
    }

    /// The answer cannot be finished: the connection is broken off, which is how HTTP/1.1 tells a client so.
    package func breakOff() {
        guard !isOver, let connection = liveConnection else { return }
        connection.follow(connection.machine.answerFailed())
    }

    /// Whether more output is waiting than the socket's high watermark; `onDrain` tells when it is gone.
    package var isBlocked: Bool { connection?.connection.isOutputBlocked ?? false }

    /// Agrees to speak another protocol: `then` gets the socket, and what the client has already sent in it. False,
    /// with nothing sent, where the client has not asked for an upgrade.
    @discardableResult
    package func upgrade(
        _ fields: borrowing Fields, then: @escaping (_ socket: TCPConnection, _ ahead: SharedBytes) -> Void
    ) -> Bool {
        guard case .awaiting = state, let connection = liveConnection else { return false }
        guard let plan = connection.machine.answer(.switchingProtocols, .none) else { return false }
        writeHead(plan, fields, on: connection)
        connection.upgrade = then
        answered(on: connection)
        return true
    }

    private func writeHead(_ plan: ResponsePlan, _ fields: borrowing Fields, on connection: HTTPServerConnection) {
        status = plan.status
        guard !commonFields.isEmpty else { return connection.server.writeHead(for: connection, plan, fields) }
        var all = copy fields
        for position in 0..<commonFields.count {
            // What an answer says itself outweighs: of CORS, browsers take no second opinion.
            if let name = commonFields.knownName(at: position), name != .vary, fields.contains(name) { continue }
            // Fields that do not fit are left out: they are the server's additions, not the answer.
            try? all.append(named: commonFields.name(at: position), commonFields.value(at: position))
        }
        connection.server.writeHead(for: connection, plan, all)
    }

    private func answered(on connection: HTTPServerConnection) {
        finish(.answered)
        connection.flushUnlessReading()
        connection.exchangeEnded()
    }

    /// Goes on with a body that was too large to be queued at once.
    private func sendUnsent() {
        guard let connection else { return }
        connection.server.enqueue(connection)
        let socket = connection.connection
        while let left = unsent, !socket.isOutputBlocked, !socket.isClosed {
            let size = min(left.count, socket.options.limits.highWatermark)
            unsent = size < left.count ? left.dropping(first: size) : nil
            socket.enqueue(left[0..<size])
            socket.flush()
        }
        if unsent == nil, !isOver { answered(on: connection) }
    }

    func outputDrained() {
        if unsent != nil { return sendUnsent() }
        onDrain?()
    }
}
