import Bytes
import HTTP
import HTTPTransport
import Reactor
import Registry

/// A question to many origins, a few at a time, with one deadline for all of them.
final class OriginInquiry {
    struct Limits {
        /// Origins that are asked at once.
        var maximumAtOnce = 16
        /// For all of them together; those that have not answered by then are missing.
        var time = Duration.seconds(3)
    }

    struct Missing {
        let origin: OriginID
        let reason: String
    }

    /// What comes of an origin's answer.
    enum Step {
        case done
        /// It is asked for another part.
        case more(String)
        case failed(String)
    }

    private let client: HTTPClient
    private let limits: Limits
    private let deadline: Instant
    private let target: String
    private let fields: Fields
    private var left: ArraySlice<Origin>
    private var active: [OriginID: OriginFetch] = [:]
    private var missing: [Missing] = []
    private let take: (OriginID, OriginFetch.Answer) -> Step
    private var then: (([Missing]) -> Void)?
    private var timer: TimerID?

    /// `take` hears each answer; `then` is called once, and never inside of `begin`, with those of which there is none.
    init(
        _ target: String, _ fields: Fields, of origins: [Origin], through client: HTTPClient, limits: Limits = Limits(),
        take: @escaping (OriginID, OriginFetch.Answer) -> Step, then: @escaping ([Missing]) -> Void
    ) {
        self.client = client
        self.limits = limits
        self.target = target
        self.fields = fields
        self.take = take
        self.then = then
        left = origins[...]
        deadline = client.loop.now + limits.time
    }

    /// The loop's timer and the requests keep it.
    func begin() {
        timer = client.loop.arm(after: limits.time, self)
        client.loop.afterRound { self.goOn() }
    }

    private func goOn() {
        while active.count < limits.maximumAtOnce, let origin = left.popFirst() { ask(origin, target) }
        if active.isEmpty { end() }
    }

    private func ask(_ origin: Origin, _ target: String) {
        let fetch = OriginFetch(.get, target, fields, of: origin, through: client, until: deadline) { result in
            self.active[origin.id] = nil
            switch result {
            case .failure(let failure): self.miss(origin.id, failure.reason)
            case .success(let answer): self.took(self.take(origin.id, answer), of: origin)
            }
            self.goOn()
        }
        active[origin.id] = fetch
        fetch.begin()
    }

    private func took(_ step: Step, of origin: Origin) {
        switch step {
        case .done: break
        case .more(let target): ask(origin, target)
        case .failed(let reason): miss(origin.id, reason)
        }
    }

    private func miss(_ origin: OriginID, _ reason: String) { missing.append(Missing(origin: origin, reason: reason)) }

    private func end() {
        guard let then = then.take() else { return }
        if let timer { client.loop.cancel(timer) }
        timer = nil
        then(missing.sorted { $0.origin.text < $1.origin.text })
    }
}

extension OriginInquiry: TimerTarget {
    func timerFired(_ token: UInt32) {
        timer = nil
        for (origin, fetch) in active {
            fetch.cancel()
            miss(origin, OriginFetch.Failure.late.reason)
        }
        for origin in left { miss(origin.id, "there was no time to ask it") }
        active = [:]
        left = []
        end()
    }
}
