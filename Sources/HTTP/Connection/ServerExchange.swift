/// One request and its answer, while both may still be under way.
struct ServerExchange: Sendable {
    enum Answer: Sendable {
        case awaited
        case begun(ResponsePlan)
    }

    enum Continue: Sendable {
        case notAsked
        /// The client holds its body back until it is told to go on or gets an answer.
        case owed
        case sent
    }

    var method = Method.get
    var version = Version.http11
    var body = BodyDecoder(.none)
    /// Whether the end of the body has been reported.
    var isBodyEndReported = true
    var answer = Answer.awaited
    var interim = Continue.notAsked
    var upgrade = UpgradeWish.none
    /// Whether the client would go on, and the bytes behind this request are still trusted to be the next one.
    var keepAlive = false

    /// An exchange that only needs an answer: the request was refused.
    init() {}

    init(_ head: borrowing RequestHead, limits: BodyLimits) {
        method = head.method
        version = head.version
        body = BodyDecoder(head.framing, limits: limits)
        isBodyEndReported = body.isComplete
        interim = head.expectsContinue ? .owed : .notAsked
        upgrade = head.upgrade
        keepAlive = head.keepAlive
    }

    /// Gives up on what is left of the request: only an answer, with a close after it, can follow.
    mutating func refuse() {
        body = BodyDecoder(.none)
        isBodyEndReported = true
        interim = .notAsked
        keepAlive = false
    }

    var isAnswered: Bool {
        switch answer {
        case .awaited: false
        case .begun: true
        }
    }
}
