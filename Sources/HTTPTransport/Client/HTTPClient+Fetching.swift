package import Bytes
package import HTTP
package import Reactor

/// A whole answer.
package struct HTTPFetched: Sendable {
    package let status: Status
    package let fields: Fields
    package let body: SharedBytes
    /// Where it came from, redirects followed.
    package let url: HTTPURL
}

extension HTTPClient {
    /// Sends a request and collects its answer, of which the body is bounded by the request, and by
    /// `maximumCollectedBody` where that says nothing. For control flow, not for media.
    ///
    /// Cancelling the task gives up, with `cancelled`. A streamed body or an upgrade needs `send`, and is refused here
    /// by a trap.
    package func fetch(
        _ request: HTTPClientRequest, on actor: isolated LoopActor
    ) async throws(HTTPClientError) -> HTTPFetched {
        precondition(!request.body.isStreamed && !request.upgrades, "fetch sends bodies that are whole")
        precondition(actor.handle === loop.handle, "a client is its loop's own")
        var request = request
        if request.maximumBody == .max { request.maximumBody = options.maximumCollectedBody }
        let collector = AnswerCollector()
        let outcome: Result<HTTPFetched, HTTPClientError> = await actor.wait { _, finished in
            collector.then = finished
            let exchange = send(request, to: collector)
            return { exchange.cancel() }
        }
        return try outcome.get()
    }
}

/// Gathers an answer whose size is bounded by its request.
private final class AnswerCollector: HTTPResponseHandler {
    var then: ((Result<HTTPFetched, HTTPClientError>) -> Void)?
    private var status = Status.ok
    private var fields = Fields()
    private var body: ByteWriter? = ByteWriter(capacity: 0)

    func responded(_ head: borrowing ResponseHead, _ exchange: HTTPClientExchange) {
        status = head.status
        fields = head.fields
    }

    func bodyArrived(_ bytes: RawSpan, _ exchange: HTTPClientExchange) { body?.append(bytes) }

    func answerEnded(_ exchange: HTTPClientExchange) {
        let collected = body.take()?.finish() ?? .empty
        then.take()?(
            .success(HTTPFetched(status: status, fields: fields, body: collected, url: exchange.request.url)))
    }

    func failed(_ error: HTTPClientError, _ exchange: HTTPClientExchange) { then.take()?(.failure(error)) }
}
