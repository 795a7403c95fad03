import Dispatch

/// Waits for a state that nothing announces, such as what /proc shows; false where it has not come within `bound`.
package func eventually(within bound: Duration = .seconds(20), _ isMet: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + bound
    while !isMet() {
        guard ContinuousClock.now < deadline else { return false }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1)) { continuation.resume() }
        }
    }
    return true
}
