import HTTP
import HTTPTransport
import Reactor

/// Streams over HTTP: `/app/stream.flv` and its like, and the same as WebSockets.
struct StreamRoutes {
    let context: StreamRelayContext

    /// False where `request` is not for a stream.
    func answer(_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> Bool {
        guard let peer = exchange.peerAddress else { return false }
        let wanted: StreamRequest
        do throws(StreamRequestError) {
            let request = try StreamRequest(
                request, from: peer.host, isSecure: exchange.isSecure, passing: context.passage.mark)
            guard let request else { return false }
            wanted = request
        } catch {
            context.meter.ended(request.upgrade == .webSocket ? .webSocket : .http, .name)
            switch error {
            case .name(let reason): exchange.fail(.badRequest, "no name of a stream: \(reason)")
            case .fields: exchange.fail(.headerFieldsTooLarge, "too many header fields to pass on")
            }
            return true
        }
        do throws(PassageFault) {
            try context.passage.check(request.fields, .http, from: peer)
        } catch {
            exchange.fail(.loopDetected, error.text)
            return true
        }
        StreamRelay(wanted, to: StreamViewer(exchange, request), context).begin()
        return true
    }
}
