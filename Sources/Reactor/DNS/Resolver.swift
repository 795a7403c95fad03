package import Bytes
import Synchronization

/// Host names to addresses, off the loops.
///
/// One resolver serves all loops: they share its cache, and callers of one name share one lookup. Lookups block threads
/// of the resolver's own; a lookup that does not return keeps its thread, its callers are answered `.timeout` all the
/// same, and once every thread is stuck so new names are refused instead of queued. The lock inside is held for a few
/// table operations, once per name asked for.
package final class Resolver: Sendable {
    package struct Limits: Sendable {
        /// Lookups at the same time.
        package var threads = 4
        /// Names being looked up or waiting for a thread; beyond, `.overloaded`.
        package var maximumQueries = 256
        /// Callers that wait for one name; beyond, `.overloaded`.
        package var maximumWaiters = 4_096
        /// Names in the cache; the one used longest ago makes room.
        package var maximumEntries = 1_024
        /// Addresses kept of one answer; the rest is dropped.
        package var maximumAddresses = 32
        /// For how long addresses are good.
        package var positive: Duration = .seconds(30)
        /// For how long a name is known not to exist.
        package var negative: Duration = .seconds(5)
        /// How long a caller waits.
        package var timeout: Duration = .seconds(5)

        package init() {}
    }

    /// Looks a name up and blocks meanwhile.
    package typealias Lookup = @Sendable (_ name: String) -> DNSAnswer

    private struct Query {
        var waiters: [UInt64: LoopCallback<DNSAnswer>] = [:]
        /// When a thread took it; nil while it waits for one.
        var began: Instant?
    }

    private struct State {
        var cache: DNSCache
        var queries: [DNSName: Query] = [:]
        var nextWaiter: UInt64 = 0
    }

    package let limits: Limits
    private let lookup: Lookup
    private let clock: @Sendable () -> Instant
    private let pool: BlockingPool
    private let state: Mutex<State>

    package init(
        limits: Limits = Limits(), clock: @escaping @Sendable () -> Instant = { MonotonicClock.now() },
        lookup: Lookup? = nil
    ) throws(SystemError) {
        self.limits = limits
        self.clock = clock
        self.lookup = lookup ?? { SystemLookup.lookup($0) }
        var threads = BlockingPool.Limits()
        threads.threads = limits.threads
        threads.maximumWaiting = limits.maximumQueries
        pool = try BlockingPool(name: "dns", limits: threads)
        state = Mutex(
            State(
                cache: DNSCache(
                    maximum: limits.maximumEntries, positive: limits.positive, negative: limits.negative)))
    }

    /// Ends the threads; see `BlockingPool.shutdown`.
    @discardableResult
    package func shutdown(within bound: Duration = .seconds(5)) -> Bool { pool.shutdown(within: bound) }
}

// MARK: - Queries

extension Resolver {
    /// What `ask` did.
    enum Asked {
        /// The answer was at hand; the callback is not used.
        case answered(DNSAnswer)
        /// The callback will be called, unless the waiter leaves.
        case waiting(UInt64)
    }

    /// Answers from the cache, joins a lookup that is under way, or starts one.
    func ask(_ name: DNSName, _ callback: LoopCallback<DNSAnswer>) -> Asked {
        let now = clock()
        return state.withLock { state -> Asked in
            if let answer = state.cache.answer(for: name, now: now) { return .answered(answer) }
            if state.queries[name] == nil, let refusal = start(name, &state, now: now) {
                return .answered(.failure(refusal))
            }
            guard state.queries[name]!.waiters.count < limits.maximumWaiters else {
                return .answered(.failure(.overloaded))
            }
            state.nextWaiter += 1
            state.queries[name]!.waiters[state.nextWaiter] = callback
            return .waiting(state.nextWaiter)
        }
    }

    /// Drops one caller. A lookup that nobody waits for any more goes on where it has a thread: its answer is kept.
    func leave(_ name: DNSName, _ waiter: UInt64) {
        state.withLock { state in _ = state.queries[name]?.waiters.removeValue(forKey: waiter) }
    }

    /// Nil, or why it is refused.
    private func start(_ name: DNSName, _ state: inout State, now: Instant) -> DNSError? {
        guard state.queries.count < limits.maximumQueries else { return .overloaded }
        // A lookup that has outlived every caller's patience holds its thread for who knows how long.
        let stuck = state.queries.values.count { query in query.began.map { now - $0 > limits.timeout } ?? false }
        guard stuck < max(limits.threads, 1) else { return .overloaded }
        do throws(BlockingPoolError) {
            try pool.submit { [weak self] turn in self?.perform(name, turn) }
        } catch {
            return error == .full ? .overloaded : .shutDown
        }
        state.queries[name] = Query()
        return nil
    }

    /// Runs on a thread of the pool.
    private func perform(_ name: DNSName, _ turn: BlockingPool.Turn) {
        guard turn == .run else { return finish(name, .failure(.shutDown)) }
        let now = clock()
        let isWanted = state.withLock { state -> Bool in
            guard let query = state.queries[name], !query.waiters.isEmpty else {
                state.queries[name] = nil
                return false
            }
            state.queries[name]?.began = now
            return true
        }
        guard isWanted else { return }
        finish(name, lookup(name.text).map { Array($0.prefix(limits.maximumAddresses)) })
    }

    private func finish(_ name: DNSName, _ answer: DNSAnswer) {
        let now = clock()
        let waiters = state.withLock { state -> [LoopCallback<DNSAnswer>] in
            state.cache.store(answer, for: name, now: now)
            guard let query = state.queries.removeValue(forKey: name) else { return [] }
            return query.waiters.sorted { $0.key < $1.key }.map(\.value)
        }
        for waiter in waiters { waiter.call(answer) }
    }
}
