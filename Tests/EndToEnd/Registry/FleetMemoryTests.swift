import TestKit
import Testing

@Suite("Programs that share a registry, in the long run")
struct FleetMemoryTests {
    /// What each program may have more of after 200 streams, of some 20 MB: what allocators and their pages give and
    /// take.
    private static let growth = 1 << 20

    @Test("have the memory and the descriptors they had, through 200 streams and four restarts of Redis")
    func memory() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            let load = try Client.run(
                "rounds.py", [media.path] + fleet.proxies.indices.map { fleet.rtmp($0, "") })
            let programs = [
                "first proxy": fleet.proxies[0].status, "second": fleet.proxies[1].status,
                "third": fleet.proxies[2].status, "one": fleet.one.status, "two": fleet.two.status,
            ]

            func run(_ rounds: Range<Int>, of streams: Int) async throws -> [String: Int] {
                for round in rounds {
                    try load.program.write("\(streams)\n")
                    try await load.wait(for: "round", count: round + 1, within: .seconds(60))
                    // Connections that do not last come back ever later: more restarts are more waiting.
                    guard round % 5 == 4 else { continue }
                    try await onThread { try redis.restart() }
                    try await fleet.waitForState("fresh")
                }
                try await fleet.waitForRest(redis)
                return programs.mapValues(\.residentBytes)
            }
            // More at once than there are later: what that takes is not given back to the system.
            let before = try await run(0..<10, of: 20)
            let after = try await run(10..<30, of: 10)
            for (name, bytes) in after {
                let grown = bytes - (before[name] ?? 0)
                #expect(grown <= Self.growth, "\(name): \(grown / 1_024) KB more than \((before[name] ?? 0) / 1_024)")
            }
        }
    }
}
