import Bytes
import HTTP
import HTTPTransport
import Media
import Reactor

/// Streams by HTTP: `/app/stream.flv`, and the same as a WebSocket.
struct FLVRoutes {
    let streams: LocalStreams
    let hosts: HostTable
    let http: ViewerMeter
    let webSocket: ViewerMeter
    let notices: ViewerNotices

    /// False where `request` is not for a stream.
    func answer(_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> Bool {
        let wanted: FLVRequest
        do throws(StreamKeyError) {
            guard let request = try FLVRequest(request) else { return false }
            wanted = request
        } catch {
            exchange.fail(.badRequest, "no name of a stream: \(error)")
            return true
        }
        guard let (key, settings) = hosts.resolve(wanted.key), settings.servesFLV else {
            exchange.fail(.notFound, "streams are not served here")
            return true
        }
        let policy = settings.policy
        let client = ClientFacts(viewing: key, request, exchange)
        if request.upgrade == .webSocket {
            let session = FLVSession(client, in: streams, meter: webSocket, notices: notices)
            exchange.acceptWebSocket(request, handler: FLVSocket(session, wanted.selection, policy: policy))
        } else if request.method == .head {
            FLVSession.answerHead(exchange, isPublished: streams.table.isPublished(key))
        } else if request.fields.lists("wait=0", in: .prefer), !streams.table.isPublished(key) {
            // Proxies ask so (RFC 7240 §4.3) who has the stream, before the viewer waits anywhere.
            exchange.fail(.notFound, "no such stream")
        } else {
            FLVSession(client, in: streams, meter: http, notices: notices).begin(
                exchange, wanted.selection, policy: policy)
        }
        return true
    }
}

extension ClientFacts {
    /// Who asks for a stream by HTTP.
    fileprivate init(viewing key: StreamKey, _ request: borrowing RequestHead, _ exchange: HTTPExchange) {
        self.init(kind: .viewer, key: key, address: exchange.peerAddress?.host.description ?? "")
        var host = key.vhost
        if let authority = request.authority { host = String(copying: authority) }
        tcURL = "\(exchange.isSecure ? "https" : "http")://\(host)/\(key.app)"
        if let page = request.fields[.referer] { pageURL = String(copying: page) }
    }
}
