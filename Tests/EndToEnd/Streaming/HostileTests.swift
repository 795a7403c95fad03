import TestKit
import Testing

@Suite("RTMP that no program would send")
struct HostileTests {
    /// See `hostile.py`.
    enum Offence: String, CaseIterable {
        case random, oversized, unfinished, scattered, nested, idle

        /// So much may be sent, with what sockets hold, before the connection ends.
        var maximumBytes: Int { (self == .unfinished ? 16 << 20 : 0) + 24 << 20 }
    }

    private static let offences =
        Offence.allCases.map { ($0, "opening") }
        + [Offence.random, .oversized, .unfinished, .scattered].map { ($0, "publishing") }

    @Test("ends its own connection, in bounded memory, and harms nobody", arguments: Way.allCases)
    func offences(way: Way) async throws {
        let media = try await Fixture.plain.make()
        // One loop: each has a second set of descriptors from its first publisher on.
        try await withSite(way, ["SRS_LOOPS": "1"]) { site in
            let url = site.rtmp("/live/good")
            let publisher = try FFmpeg.publish(media, to: url, speed: 1, isEndless: true)
            defer { publisher.end() }
            let viewer = try Client.play(url)
            try await viewer.wait(for: "media", count: 30)
            let servers: [any ServerProcess] = [site.origin] + [site.proxy].compactMap(\.self)
            let before = servers.map { (memory: $0.status.residentBytes, descriptors: $0.status.openDescriptors) }
            for (offence, state) in Self.offences {
                let peers = try (0..<3).map { number in
                    try Client.run(
                        "hostile.py", [site.rtmp("/live/\(offence)-\(state)-\(number)"), offence.rawValue, state])
                }
                for peer in peers {
                    let sent = try await peer.wait(for: "sent", within: .seconds(30))
                    #expect(sent.count ?? .max <= offence.maximumBytes, "\(offence), \(state)")
                    try await peer.wait(for: "closed")
                }
            }
            for (server, before) in zip(servers, before) {
                try await eventually("end of all connections") { server.status.openDescriptors == before.descriptors }
                #expect(server.status.residentBytes - before.memory < 64 << 20)
            }
            let sofar = viewer.events.media.count
            try await viewer.wait(for: "media", count: sofar + 40)
            #expect(viewer.events.isMonotonic("video") && !publisher.hasExited)
        }
    }
}
