import Bytes

/// What the fields of one message say about its framing and its connection, collected line by line.
///
/// Two programs on a path that find different ends of one message are how requests are smuggled; so everything that
/// could be read in two ways is refused, also where RFC 9112 §6.3 would let a recipient repair it.
struct ConnectionFacts: Sendable {
    enum Message: Sendable {
        case request
        case response
    }

    private let message: Message
    private var length: Int?
    private var isChunked = false
    private var hosts = 0
    private var closes = false
    private var keepsAlive = false
    private var listsUpgrade = false
    private var upgrade = UpgradeWish.none
    private(set) var expectsContinue = false

    init(of message: Message) { self.message = message }

    mutating func note(_ name: FieldName, _ value: RawSpan) throws(HTTPParseError) {
        switch name {
        case .contentLength: try noteLength(value)
        case .transferEncoding: try noteTransferEncoding(value)
        case .host where message == .request: try noteHost(value)
        case .connection: noteConnection(value)
        case .upgrade: noteUpgrade(value)
        case .expect where message == .request: try noteExpectation(value)
        default: break  // Every other field leaves the connection as it is.
        }
    }

    /// A list of equal numbers is refused with the rest: no sender has a reason to write one.
    private mutating func noteLength(_ value: RawSpan) throws(HTTPParseError) {
        guard length == nil else { throw .repeatedContentLength }
        guard let number = value.decimal else { throw .invalidContentLength }
        length = number
    }

    private mutating func noteTransferEncoding(_ value: RawSpan) throws(HTTPParseError) {
        guard !isChunked else { throw .repeatedTransferEncoding }
        guard value.equalsIgnoringCase("chunked") else { throw .unsupportedTransferEncoding }
        isChunked = true
    }

    private mutating func noteHost(_ value: RawSpan) throws(HTTPParseError) {
        guard hosts == 0 else { throw .repeatedHost }
        _ = try Authority.Layout(value)
        hosts = 1
    }

    private mutating func noteConnection(_ value: RawSpan) {
        var members = ListCursor(value)
        while let member = members.next() {
            if member.equalsIgnoringCase("close") { closes = true }
            if member.equalsIgnoringCase("keep-alive") { keepsAlive = true }
            if member.equalsIgnoringCase("upgrade") { listsUpgrade = true }
        }
    }

    private mutating func noteUpgrade(_ value: RawSpan) {
        var members = ListCursor(value)
        while let member = members.next() {
            if member.equalsIgnoringCase("websocket") { upgrade = .webSocket }
            if upgrade == .none { upgrade = .other }
        }
    }

    private mutating func noteExpectation(_ value: RawSpan) throws(HTTPParseError) {
        guard value.equalsIgnoringCase("100-continue") else { throw .unsupportedExpectation }
        expectsContinue = true
    }
}

// MARK: - What follows from them

extension ConnectionFacts {
    /// Whether the sender is content to go on after this message (RFC 9112 §9.3).
    func keepsAlive(in version: Version) -> Bool {
        switch version {
        case .http11: !closes
        case .http10: keepsAlive && !closes
        }
    }

    /// The framing that the fields give, or nil where they give none.
    func framing(in version: Version) throws(HTTPParseError) -> BodyFraming? {
        guard isChunked else { return length.map { .length($0) } }
        guard length == nil else { throw .lengthAndTransferEncoding }
        guard version == .http11 else { throw .transferEncodingInHTTP10 }
        return .chunked
    }

    /// RFC 9112 §3.2: every HTTP/1.1 request has exactly one `Host`.
    func requireHost(in version: Version) throws(HTTPParseError) {
        guard hosts == 1 || version == .http10 else { throw .missingHost }
    }

    /// `Upgrade` counts only where `Connection` lists it, and never in HTTP/1.0 (RFC 9110 §7.8).
    func upgrade(in version: Version) -> UpgradeWish {
        listsUpgrade && version == .http11 ? upgrade : .none
    }
}
