import Bytes
import HTTP
import HTTPTransport
import Reactor
import Telemetry

/// The heartbeats to one target: one at a time, and a farewell when all else is over.
///
///     idle ──post──► busy ──answered, failed──► idle
///                      │ farewell: it goes out when the beat is over, so that none comes after it
final class HeartbeatRoute {
    /// Bytes of an answer that are read, and those of a refusal that are logged.
    private static let maximumAnswer = 16 * 1024
    private static let maximumReason = 256

    private let target: HeartbeatTarget
    private let client: HTTPClient
    private let timeout: Duration
    private let log: Logger
    private let accepted: Counter
    private let failures: Counter

    private(set) var counts = HeartbeatCounts()
    private var exchange: HTTPClientExchange?
    private var news: SharedBytes?
    private var farewell: (body: SharedBytes, then: () -> Void)?
    private var saysFarewell = false
    /// Nil before the first has ended.
    private var works: Bool?
    /// A target that comes and goes shall not fill the log.
    private var changes = RepeatGate(interval: .seconds(60))
    private var status = Status.ok
    private var reason: [UInt8] = []

    init(
        _ target: HeartbeatTarget, _ client: HTTPClient, timeout: Duration, log: Logger,
        counters: (accepted: Counter, failed: Counter)
    ) {
        self.target = target
        self.client = client
        self.timeout = timeout
        self.log = log
        accepted = counters.accepted
        failures = counters.failed
    }

    /// Where the beat before is still under way, this one is skipped, or follows it if it is news.
    func beat(_ body: SharedBytes, isNews: Bool) {
        guard exchange != nil else { return send(body) }
        if isNews { news = body } else { counts.skipped += 1 }
    }

    /// Sends the last one; `then` is called once, when it is over.
    func sayFarewell(_ body: SharedBytes, then: @escaping () -> Void) {
        farewell = (body, then)
        if exchange == nil { sendFarewell() }
    }

    /// Gives up what is under way; a farewell is over with it.
    func cancel() {
        if !saysFarewell, let farewell = farewell.take() { farewell.then() }
        exchange?.cancel()
    }

    private func sendFarewell() {
        guard let farewell else { return }
        saysFarewell = true
        send(farewell.body)
    }

    private func send(_ body: SharedBytes) {
        var request = HTTPClientRequest(.post, target.url, fields: target.fields.reveal(), body: .bytes(body))
        request.timeout = timeout
        request.maximumBody = Self.maximumAnswer
        reason = []
        exchange = client.send(request, to: self)
    }

    private func ended(_ failure: @autoclosure () -> LogFields, succeeded: Bool) {
        exchange = nil
        if succeeded {
            counts.accepted += 1
            accepted.add()
        } else {
            counts.failed += 1
            failures.add()
        }
        if works != succeeded { tell(failure(), succeeded: succeeded) }
        works = succeeded
        if saysFarewell {
            farewell.take()?.then()
        } else if farewell != nil {
            sendFarewell()
        } else if let news = news.take() {
            send(news)
        }
    }

    private func tell(_ failure: LogFields, succeeded: Bool) {
        let log = self.log.with(["proxy": target.url.origin.authority])
        if succeeded {
            log.info("heartbeats are accepted", every: &changes, at: client.loop.now)
        } else {
            log.warning("heartbeats fail", every: &changes, at: client.loop.now, failure)
        }
    }
}

extension HeartbeatRoute: HTTPResponseHandler {
    func responded(_ head: borrowing ResponseHead, _ exchange: HTTPClientExchange) { status = head.status }

    func bodyArrived(_ bytes: RawSpan, _ exchange: HTTPClientExchange) {
        guard !status.isSuccess else { return }
        for position in 0..<min(bytes.byteCount, Self.maximumReason - reason.count) { reason.append(bytes[position]) }
    }

    func answerEnded(_ exchange: HTTPClientExchange) {
        ended(
            ["status": status.code, "answer": String(decoding: reason, as: UTF8.self)], succeeded: status.isSuccess)
    }

    func failed(_ error: HTTPClientError, _ exchange: HTTPClientExchange) {
        ended(["reason": "\(error.kind)"], succeeded: false)
    }
}
