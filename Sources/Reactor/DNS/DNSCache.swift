import Bytes

/// What a lookup gave: addresses in the resolver's order, or why there are none.
package typealias DNSAnswer = Result<[SocketAddress.Host], DNSError>

/// Answers that are still good, at most `maximum`; the one that was used longest ago makes room for a new one.
///
/// `getaddrinfo` tells no TTL, so answers are kept for a fixed time: short, for a name that moves must be followed.
struct DNSCache {
    private struct Entry {
        let answer: DNSAnswer
        let expires: Instant
        var lastUse: UInt64
    }

    let maximum: Int
    let positive: Duration
    let negative: Duration

    private var entries: [DNSName: Entry] = [:]
    private var uses: UInt64 = 0

    init(maximum: Int, positive: Duration, negative: Duration) {
        self.maximum = maximum
        self.positive = positive
        self.negative = negative
    }

    var count: Int { entries.count }

    mutating func answer(for name: DNSName, now: Instant) -> DNSAnswer? {
        guard let entry = entries[name] else { return nil }
        guard entry.expires > now else {
            entries[name] = nil
            return nil
        }
        uses += 1
        entries[name]?.lastUse = uses
        return entry.answer
    }

    /// Keeps addresses and `notFound`; other failures say nothing about the name.
    mutating func store(_ answer: DNSAnswer, for name: DNSName, now: Instant) {
        let lifetime: Duration
        switch answer {
        case .success: lifetime = positive
        case .failure(.notFound): lifetime = negative
        case .failure: return
        }
        guard maximum > 0, lifetime > .zero else { return }
        if entries[name] == nil, entries.count >= maximum { makeRoom(now: now) }
        uses += 1
        entries[name] = Entry(answer: answer, expires: now + lifetime, lastUse: uses)
    }

    /// A walk over all entries, paid only by a lookup that went to the network.
    private mutating func makeRoom(now: Instant) {
        entries = entries.filter { $0.value.expires > now }
        guard entries.count >= maximum else { return }
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        entries[oldest.key] = nil
    }
}
