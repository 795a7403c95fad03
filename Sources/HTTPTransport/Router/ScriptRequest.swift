import Bytes
import HTTP

/// What a request asks for besides its path where a page has loaded it as a script, as SRS's API has it:
/// `?callback=<function>`, and `&method=<method>`, for a script can only be got.
enum ScriptRequest {
    /// It is no such request.
    case none
    case call(CallbackName, Method)
    case malformed(StaticString)

    init(_ request: borrowing RequestHead) {
        guard let query = try? request.target.query() else {
            self = Self.namesCallback(request.target) ? .malformed("the query cannot be read") : .none
            return
        }
        guard let name = query["callback"], !name.isEmpty else {
            self = .none
            return
        }
        guard let callback = CallbackName(name) else {
            self = .malformed(
                "callback: not the name of a function: letters, digits, _ and $, with . and [0], up to 128")
            return
        }
        guard request.method == .get, let text = query["method"], !text.isEmpty else {
            self = .call(callback, request.method)
            return
        }
        guard let method = Self.method(text) else {
            self = .malformed("method: not GET, PUT, POST or DELETE")
            return
        }
        self = .call(callback, method)
    }

    /// The method that is meant; nil where it is the request's own.
    var method: Method? {
        switch self {
        case .none, .malformed: nil
        case .call(_, let method): method
        }
    }

    /// Whether a query that cannot be read has a function in it all the same.
    private static func namesCallback(_ target: borrowing Target) -> Bool {
        guard var rest = target.rawQuery else { return false }
        while !rest.hasPrefix("callback=") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "&")) else { return false }
            rest = rest.extracting((end + 1)..<rest.byteCount)
        }
        return true
    }

    private static func method(_ text: String) -> Method? {
        switch text {
        case "GET": .get
        case "PUT": .put
        case "POST": .post
        case "DELETE": .delete
        default: nil
        }
    }
}

extension RequestHead {
    /// Whether no page of another site can have made a browser send this request without asking: it comes from a page
    /// of the same host, on any port, or from no browser.
    ///
    /// For requests that any page can make, as those for scripts are.
    var isFromOwnSite: Bool {
        if let isOwn = fetchIsFromOwnSite { return isOwn }
        if let page = fields[.referer] { return isOfThisHost(page) }
        // A page can keep its address to itself, but not what it is shown in.
        guard let agent = fields[.userAgent] else { return true }
        return !agent.hasPrefix("Mozilla/")
    }

    /// Whether a page of another site has made a browser send this request, which is none for something to read: of
    /// others browsers always say from where they are.
    var isFromOtherPage: Bool {
        if let isOwn = fetchIsFromOwnSite { return !isOwn }
        if let origin = fields[.origin] { return !isOfThisHost(origin) }
        return false
    }

    /// Of where the answer goes over TLS, or stays on the machine, browsers say this.
    private var fetchIsFromOwnSite: Bool? {
        guard let site = fields.value(named: "Sec-Fetch-Site") else { return nil }
        return site.equals("same-origin") || site.equals("same-site") || site.equals("none")
    }

    private func isOfThisHost(_ url: RawSpan) -> Bool {
        guard let host = try? HTTPURL(parsing: url).origin.host, let authority,
            let own = try? Authority(parsing: authority).host
        else { return false }
        return host == own
    }
}
