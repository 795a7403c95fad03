package import Bytes
import HTTP
import Reactor

/// Takes the body of a request, piece by piece.
package protocol HTTPBodySink: AnyObject {
    /// The bytes lie in the loop's scratch memory: copy what is needed after the call.
    func bodyArrived(_ bytes: RawSpan)
    func bodyEnded()
    /// The body broke off, or broke the rules; the answer is not the sink's business then.
    func bodyFailed()
}

extension HTTPExchange {
    /// Hands the body to `sink`, at most `maximum` bytes of it. A longer one is answered with 413, at once where its
    /// length was declared.
    ///
    /// It may be asked for later as well: until then, or until the answer begins, the client is held back. What nobody
    /// has asked for by then is dropped. Once per exchange.
    package func receiveBody(atMost maximum: Int, into sink: any HTTPBodySink) {
        guard case .awaiting = state, bodySink == nil, let connection = liveConnection else { return }
        do throws(HTTPParseError) {
            try connection.machine.limitBody(to: maximum)
        } catch {
            return fail(error.status, error.message)
        }
        // Nothing has been taken before, so a body that is complete is an empty one, and no event will tell.
        guard connection.machine.waitsFor == .body else { return sink.bodyEnded() }
        bodySink = sink
        if connection.machine.bodyWanted() {
            connection.server.write(for: connection) { ResponseEncoder.encodeContinue(into: &$0) }
            connection.flushUnlessReading()
        }
        connection.bodyFlowChanged()
    }

    /// Collects the body and hands it over whole; an empty one inside this call.
    package func collectBody(atMost maximum: Int, then: @escaping (SharedBytes) -> Void) {
        receiveBody(atMost: maximum, into: BodyCollector(then))
    }

    /// Stops the body until `resumeBody`: the client is held back by its own window.
    package func pauseBody() {
        guard let connection, !isBodyPaused else { return }
        isBodyPaused = true
        connection.bodyFlowChanged()
    }

    package func resumeBody() {
        guard let connection, isBodyPaused else { return }
        isBodyPaused = false
        connection.bodyFlowChanged()
    }

    func bodyArrived(_ bytes: RawSpan) { bodySink?.bodyArrived(bytes) }

    func bodyEnded() {
        let sink = bodySink.take()
        sink?.bodyEnded()
    }

    func bodyFailed() {
        let sink = bodySink.take()
        sink?.bodyFailed()
    }
}

/// Gathers a body whose size the server has bounded.
private final class BodyCollector: HTTPBodySink {
    private var collected: ByteWriter? = ByteWriter(capacity: 0)
    private let done: (SharedBytes) -> Void

    init(_ done: @escaping (SharedBytes) -> Void) { self.done = done }

    func bodyArrived(_ bytes: RawSpan) { collected?.append(bytes) }
    func bodyEnded() {
        guard let writer = collected.take() else { return }
        done(writer.finish())
    }
    func bodyFailed() {}
}
