import Bytes
import Reactor
import Registry

/// Loops of a test, which end with it.
func withLoops<R: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (LoopGroup) async throws -> R
) async throws -> R {
    let group = try LoopGroup(count: count)
    defer { group.shutdown() }
    return try await body(group)
}

extension LoopGroup {
    /// Runs `body` on one of the loops.
    func on<R: Sendable>(
        _ index: Int = 0, _ body: @escaping @Sendable (isolated LoopActor) async throws -> R
    ) async throws -> R {
        try await loops[index].run(body).value
    }
}

extension RegistryStore {
    /// As `claim`, for tests that go on with the answer.
    func claim(_ request: ClaimRequest, on actor: isolated LoopActor) async -> Result<StreamClaim, ClaimError> {
        let answer = Answer<Result<StreamClaim, ClaimError>>()
        claim(request, on: actor.loop) { answer.value = $0 }
        while answer.value == nil { await actor.pause(for: .milliseconds(1)) }
        return answer.value!
    }
}

final class Answer<Value> {
    var value: Value?
}
