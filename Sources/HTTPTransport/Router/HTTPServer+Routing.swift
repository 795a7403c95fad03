import Bytes
import HTTP
import Reactor

extension HTTPServer {
    /// Finds the handler of the request in `head` and calls it.
    func route(_ exchange: HTTPExchange) {
        // The head is taken out for the call, so that it is borrowed from nobody while the handler runs.
        var request = RequestHead()
        swap(&request, &head)
        defer { swap(&request, &head) }
        let hasQuery = request.target.rawQuery != nil
        let script = hasQuery && router.answersScripts(request.target) ? ScriptRequest(request) : .none
        let found = router.find(script.method ?? request.method, request.target)
        if let gate = router.gate {
            // What a browser asks before it asks belongs to the path.
            let isOpen = (found ?? router.firstRoute(request.target))?.options.isOpen ?? false
            guard isOpen || gate.admits(request, exchange) else { return }
        }
        guard let route = found else { return noRoute(request, exchange) }
        exchange.match = RouteMatch(route: route)
        guard admits(script, route, request, exchange) else { return }
        guard route.options.cors != nil || route.method.isSafe || !request.isFromOtherPage else {
            return exchange.fail(.forbidden, "not for pages of other sites")
        }
        if let cors = route.options.cors { share(cors, request, exchange) }
        if route.options.compresses { exchange.acceptsGzip = ContentCoding(negotiating: request.fields) == .gzip }
        route.handler(request, exchange)
    }

    /// Whether a script may be answered, by `route`; otherwise the request is.
    private func admits(
        _ script: ScriptRequest, _ route: Route, _ request: borrowing RequestHead, _ exchange: HTTPExchange
    ) -> Bool {
        switch script {
        case .none: return true
        case .malformed(let message):
            exchange.fail(.badRequest, message)
            return false
        case .call where !route.options.answersScripts:
            noRoute(request, exchange)
            return false
        case .call(let callback, _):
            guard route.options.cors?.origins == .any || request.isFromOwnSite else {
                exchange.fail(.forbidden, "not for pages of other sites")
                return false
            }
            exchange.callback = callback
            return true
        }
    }

    /// Adds what a page from elsewhere needs to see; a request that is from no such page costs one look.
    private func share(_ cors: CORS, _ request: borrowing RequestHead, _ exchange: HTTPExchange) {
        guard request.fields.contains(.origin) || cors.origins != .any else { return }
        do throws(FieldError) {
            _ = try cors.apply(to: request, answer: &exchange.commonFields)
        } catch {
            // An origin that does not fit into a field gets no permission.
            exchange.commonFields.removeAll()
        }
    }

    private func noRoute(_ request: borrowing RequestHead, _ exchange: HTTPExchange) {
        // `OPTIONS *` asks about the server as a whole (RFC 9110 §9.3.7); that it answers is all there is to say.
        if request.target.form == .asterisk { return exchange.respond(.noContent) }
        guard router.knows(request.method) else { return exchange.fail(.notImplemented, "method not known") }
        let methods = router.methods(request.target)
        guard !methods.isEmpty else {
            return exchange.fail(.notFound, "no such path")
        }
        var fields = Fields()
        try? fields.append(.allow, text: methods.map(\.description).joined(separator: ", "))
        exchange.commonFields = fields
        guard request.method == .options else { return exchange.fail(.methodNotAllowed, "method not allowed here") }
        if let cors = router.sharing(request.target) { share(cors, request, exchange) }
        exchange.respond(.noContent)
    }
}
