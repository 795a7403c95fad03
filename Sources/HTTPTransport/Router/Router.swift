import Bytes
package import HTTP

/// Answers a request. `request` is lent for the call: copy what is needed after it.
package typealias HTTPHandler = (_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> Void

/// What a route allows besides its handler.
package struct RouteOptions: Sendable {
    /// What pages from elsewhere may do with the route; any of them anything by default, as players on other sites
    /// need.
    package var cors: CORS?
    /// Texts are compressed for clients that accept it.
    package var compresses: Bool
    /// Whether everybody may ask, also those whom the router's gate would not let in.
    package var isOpen: Bool
    /// Whether JSON is also to be had as a script (JSONP). Pages of other sites may where CORS lets all of them.
    package var answersScripts: Bool

    package init(
        cors: CORS? = CORS(exposedFields: ["*"]), compresses: Bool = false, isOpen: Bool = false,
        answersScripts: Bool = false
    ) {
        self.cors = cors
        self.compresses = compresses
        self.isOpen = isOpen
        self.answersScripts = answersScripts
    }
}

/// Decides who may ask, before any handler is called or anything is said of a path, other than those that are open.
package protocol RouterGate: AnyObject {
    /// False where the request goes no further; it is answered then.
    func admits(_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> Bool
}

/// One entry of the router.
package struct Route {
    package let method: Method
    package let pattern: RoutePattern
    /// One sentence for the listing.
    package let summary: StaticString
    package let options: RouteOptions
    let handler: HTTPHandler
}

/// The route that fits a request.
package struct RouteMatch {
    package let route: Route

    /// The value of the segment called `name` in the path of `request`, decoded.
    package func value(_ name: String, in request: borrowing RequestHead) -> String? {
        guard let position = route.pattern.position(of: name), position < request.target.segmentCount else {
            return nil
        }
        return request.target.segmentText(position)
    }
}

/// The routes of one server, tried in the order in which they were added.
///
/// HEAD is answered by the route for GET, with its body left out. OPTIONS is answered here, for CORS preflights too. A
/// path that exists with other methods is 405 with `Allow`, anything else 404; a method that is neither RFC 9110's nor
/// any route's, nor QUERY, is 501 on every path (§9.1 there). A route that answers scripts is also found by GET with
/// the method in the query.
package struct Router {
    package private(set) var routes: [Route] = []
    /// Nil where everybody may ask for everything.
    package let gate: (any RouterGate)?

    package init(gate: (any RouterGate)? = nil) { self.gate = gate }

    package mutating func add(
        _ method: Method, _ pattern: String, _ summary: StaticString, options: RouteOptions = RouteOptions(),
        handler: @escaping HTTPHandler
    ) {
        routes.append(
            Route(
                method: method, pattern: RoutePattern(pattern), summary: summary, options: options, handler: handler))
    }

    func find(_ method: Method, _ target: borrowing Target) -> Route? {
        let wanted = method == .head ? Method.get : method
        for route in routes where route.method == wanted && route.pattern.matches(target) { return route }
        return nil
    }

    /// The methods that the path of `target` takes, each once.
    func methods(_ target: borrowing Target) -> [Method] { methods(target) { _ in true } }

    /// What pages from elsewhere may do with the path of `target`, by the methods that are theirs; nil where none is.
    func sharing(_ target: borrowing Target) -> CORS? {
        for route in routes where route.pattern.matches(target) {
            guard var cors = route.options.cors else { continue }
            cors.methods = methods(target) { $0.options.cors != nil }
            return cors
        }
        return nil
    }

    private func methods(_ target: borrowing Target, where isMeant: (Route) -> Bool) -> [Method] {
        var methods: [Method] = []
        for route in routes
        where route.pattern.matches(target) && isMeant(route) && !methods.contains(route.method) {
            methods.append(route.method)
        }
        if methods.contains(.get) { methods.append(.head) }
        if !methods.isEmpty { methods.append(.options) }
        return methods
    }

    /// Whether the method means something here, on some path, or is one that everybody knows by now.
    func knows(_ method: Method) -> Bool {
        guard case .other = method else { return true }
        return method == Self.query || routes.contains { $0.method == method }
    }

    private static let query = Method(("QUERY" as StaticString).rawSpan)

    /// Whether a route of the path of `target`, with whatever method, answers scripts.
    func answersScripts(_ target: borrowing Target) -> Bool {
        for route in routes where route.options.answersScripts && route.pattern.matches(target) { return true }
        return false
    }

    func firstRoute(_ target: borrowing Target) -> Route? {
        for route in routes where route.pattern.matches(target) { return route }
        return nil
    }
}
