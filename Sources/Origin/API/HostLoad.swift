import Bytes
import Media
import Service

/// What one virtual host has to do, on one loop or on all.
struct HostLoad: Sendable, Equatable {
    var streams = 0
    /// Publishers are among them.
    var clients = 0
    /// Media of publishers, and what viewers were given, since the program began.
    var totals = ByteRates.Totals()
    var rates = ByteRates.Kilobits()

    mutating func add(_ other: HostLoad) {
        streams += other.streams
        clients += other.clients
        totals.received += other.totals.received
        totals.sent += other.totals.sent
        rates.received += other.rates.received
        rates.sent += other.rates.sent
    }
}

/// A virtual host at one moment.
struct HostSummary: Sendable, Equatable {
    let name: String
    let isServed: Bool
    var load = HostLoad()
}

/// What is kept of virtual hosts on one loop: bytes of streams and viewers that have gone. As long as the
/// configuration.
struct HostPast {
    private struct Entry {
        var totals = ByteRates.Totals()
        var rates: ByteRates
    }

    private let began: Instant
    private var entries: [String: Entry] = [:]

    init(at now: Instant) { began = now }

    /// The publisher of a stream has gone, or the last viewer of one here.
    mutating func add(_ totals: ByteRates.Totals, to host: String) {
        entries[host, default: Entry(rates: ByteRates(at: began))].totals.received += totals.received
        entries[host, default: Entry(rates: ByteRates(at: began))].totals.sent += totals.sent
    }

    /// Adds what has been to what is, and works out how fast it was of late.
    mutating func complete(_ load: inout HostLoad, of host: String, at now: Instant) {
        var entry = entries[host] ?? Entry(rates: ByteRates(at: began))
        load.totals.received += entry.totals.received
        load.totals.sent += entry.totals.sent
        load.rates = entry.rates.kilobits(load.totals, at: now)
        entries[host] = entry
    }
}
