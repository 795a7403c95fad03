import Reactor

@testable import Proxy

/// A loop with a proxy and its origins, which end with the test.
func withRig(
    _ origins: [String], _ limits: RelayLimits = .with { _ in },
    lookingEvery interval: Duration = .milliseconds(20),
    _ body: @escaping @Sendable (isolated LoopActor, ProxyRig) async throws -> Void
) async throws {
    let group = try LoopGroup(count: 1)
    defer { group.shutdown() }
    try await group.loops[0].run { actor in
        let rig = try ProxyRig(origins, on: actor.loop, lookingEvery: interval, limits)
        defer { rig.end() }
        try await body(actor, rig)
    }.value
}

extension RelayLimits {
    /// The usual ones of these tests, in which little is waited for, changed.
    static func with(_ change: (inout RelayLimits) -> Void) -> RelayLimits {
        var limits = RelayLimits()
        limits.rejoinTimeout = .milliseconds(500)
        change(&limits)
        return limits
    }
}
