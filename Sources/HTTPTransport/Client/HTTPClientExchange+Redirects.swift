import Bytes
import HTTP

extension HTTPClientExchange {
    /// What a redirect asks for.
    enum Redirect {
        /// It is an answer like any other: none, not wanted, or not one that can be followed.
        case none
        case follow(HTTPClientRequest)
        case tooMany
    }

    /// Decides by the head of an answer (RFC 9110 §15.4).
    ///
    /// Not followed, and so left to the owner: redirects without a usable `Location`, from `https` to `http`, and those
    /// that ask for a streamed body once more.
    func redirect(by head: borrowing ResponseHead) -> Redirect {
        guard request.maximumRedirects > 0, let location = head.fields[.location] else { return .none }
        var next = request
        switch head.status {
        case .movedPermanently, .found: if request.method == .post { next.becomeGet() }
        case .seeOther: if request.method != .head { next.becomeGet() }
        case .temporaryRedirect, .permanentRedirect: break
        default: return .none
        }
        if case .stream = next.body { return .none }
        do throws(HTTPParseError) { next.url = try request.url.resolving(location) } catch { return .none }
        let (from, to) = (request.url.origin, next.url.origin)
        if from.scheme == .https, to.scheme == .http { return .none }
        guard redirectsLeft > 0 else { return .tooMany }
        if from != to { next.forgetSecrets() }
        return .follow(next)
    }

    /// Takes the next step of a chain of redirects.
    func follow(_ next: HTTPClientRequest) {
        client.counters.redirectsFollowed &+= 1
        redirectsLeft -= 1
        request = next
        outgoing = .held
    }
}

extension HTTPClientRequest {
    /// RFC 9110 §15.4: what was posted is not posted again, and what described it goes with it.
    fileprivate mutating func becomeGet() {
        method = .get
        body = .none
        expectsContinue = false
        for name in [FieldName.contentType, .contentEncoding, .contentRange, .contentDisposition] {
            fields.remove(name)
        }
        fields.remove(named: "Content-Language")
        fields.remove(named: "Content-Location")
    }

    /// What was meant for one origin is not told to another.
    fileprivate mutating func forgetSecrets() {
        host = nil
        for name in [FieldName.authorization, .proxyAuthorization, .cookie] { fields.remove(name) }
    }
}
