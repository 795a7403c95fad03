import Bytes
import Media
import Reactor
import Redis
import Synchronization
import Telemetry

/// Keeps the copy of a shared registry, on one loop: notices tell it what changes, and every table is read again and
/// again in a round, so that whatever a notice has not told is known soon as well.
///
///     detached ──link up──► restoring: orders and releases that are owed, own claims, beats, routes
///        ▲                      │
///        │                      ▼
///        └──link down── reading everything ──► fresh: notices, a table each step
///
/// Servers that are there and take nothing, for want of memory, of replicas or of rights, are as good as away.
final class SharedSync {
    private enum Pace {
        /// From one table to the next; a round takes five seconds.
        static let step = Duration.seconds(5) / SharedTable.all.count
        /// Beats are read that often.
        static let origins = Duration.seconds(1)
        /// Rounds after which a table is read as a whole once: nothing stays wrong for longer.
        static let roundsToEverything = 12
        /// Reads at once, with those whose answers are not taken over yet.
        static let reads = 4
        /// By weight, what is taken over and told again in one round of the loop: about a millisecond.
        static let part = 256
        /// What telling a heartbeat weighs.
        static let telling = 16
        /// After which what could not be told is told again, and servers that have taken nothing are tried again.
        static let owed = Duration.seconds(1)
    }

    let registry: SharedRegistry
    let loop: EventLoop
    let link: SharedLink
    var client: RedisClient { link.client }
    private let subscriber: RedisSubscriber

    private var cursors = Dictionary(uniqueKeysWithValues: SharedTable.all.map { ($0, TableCursor()) })
    /// When each was read last, since the link is up.
    private var read: [SharedTable: Instant] = [:]
    /// Streams that were claimed, by table.
    var streams: [SharedTable: Set<StreamKey>] = [:]
    /// Routes that are shared, by table.
    var routes: [SharedTable: Set<RouteKey>] = [:]
    /// What origins say, as it was read last.
    var origins: SharedOriginReader
    private var intake = SharedIntake()
    /// Up to which version each was taken over, since the link is up.
    private var taken: [SharedTable: UInt64] = [:]
    /// Origins whose last beat Redis may not know, and those that are fixed here when it is time to tell of them.
    var untold: [OriginID] = []
    /// The next round goes on with these.
    private var goesOn = false
    /// The round of the last part, and what is left of it.
    private var round: Instant?
    private var left = 0
    private var reads = 0
    private var position = 0
    private var nextOrigins: Instant
    private var nextOwed: Instant
    var nextVouching: Instant
    /// Up to which version drained origins were taken over, of whichever server.
    var drainedVersion: UInt64 = 0
    /// Drained origins that a server has lost, and that it does not know again yet.
    var lostDrains: Set<OriginID> = []
    private var timer: TimerID?
    /// A table of which servers that are there have taken nothing.
    private var refused: SharedTable?
    private let log: Logger
    /// What was logged last of how the registry is.
    private var wasAlone = false
    private var refusals = RepeatGate()

    init(
        _ registry: SharedRegistry, on loop: EventLoop, link: SharedLink, subscriber: RedisSubscriber, log: Logger
    ) {
        self.log = log
        self.registry = registry
        self.loop = loop
        self.link = link
        self.subscriber = subscriber
        nextOrigins = loop.now
        origins = SharedOriginReader(maximum: registry.maximumOrigins)
        nextOwed = loop.now
        nextVouching = loop.now
    }

    func start() {
        client.observer = self
        link.onRefusal = { [unowned self] in refused($0, $1) }
        subscriber.observer = self
        subscriber.start()
        if client.isUp { linkUp() }
        timer = loop.arm(after: Pace.step, self)
    }

    func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
        subscriber.stop()
        link.onRefusal = nil
        intake.clear()
        untold = []
        detach()
    }

    // MARK: - The link

    func linkUp() {
        refused = nil
        registry.ledger.withLock { $0.isDetached = false }
        registry.local.forgive(at: loop.now)
        // All of it is read anew.
        for table in SharedTable.all { cursors[table] = TableCursor() }
        intake.clear()
        taken = [:]
        read = [:]
        restore()
        takePart()
        beginReads()
    }

    private func goAlone(_ reason: String) {
        detach()
        guard !wasAlone else { return }
        wasAlone = true
        log.warning("the registry is alone, and goes on with what it knows", ["reason": reason])
    }

    /// What the servers do not take is kept for later, as while they are away.
    private func refused(_ failure: RedisFailure, _ table: SharedTable) {
        guard client.isUp else { return }
        let isNews = refused == nil
        refused = table
        guard isNews else { return }
        switch failure {
        case .refused(let error): goAlone("refused: \(error)")
        case .unavailable, .full, .unanswered: goAlone("no server takes commands")
        }
    }

    /// Whether the servers take something again is tried with what they have refused.
    private func tryAgain(_ table: SharedTable) {
        link.run(SharedScripts.look, on: table, []) { [self] result in
            if case .success = result, refused == table, client.isUp { linkUp() }
        }
    }

    private func detach() {
        registry.ledger.withLock { ledger in
            ledger.isDetached = true
            ledger.freshUntil = nil
        }
    }

    // MARK: - Reading

    /// What is taken over of a table from here on is of this version.
    func begun(_ table: SharedTable, at version: UInt64) {
        taken[table] = version
        settle(table)
    }

    /// What is taken over of a table is no older than the orders that it has heard of.
    func settle(_ table: SharedTable) {
        guard let version = taken[table] else { return }
        registry.ledger.withLock { $0.orders.settle(table, upTo: version) }
    }

    /// Has all of a table read again.
    func readAll(of table: SharedTable) {
        cursors[table]?.left()
        beginReads()
    }

    private func step() {
        guard client.isUp else { return }
        let now = loop.now
        if now >= nextOwed {
            nextOwed = now + Pace.owed
            if let refused { tryAgain(refused) } else { tellOwed() }
        }
        guard refused == nil else { return }
        if now >= nextVouching { vouch() }
        if now >= nextOrigins {
            nextOrigins = now + Pace.origins
            cursors[.origins]?.missed()
        }
        position += 1
        cursors[table(at: position)]?.missed()
        beginReads()
    }

    private func table(at position: Int) -> SharedTable { SharedTable.all[position % SharedTable.all.count] }

    /// Whether its turn has come to be read as a whole: each time another part of all tables.
    private func wantsEverything(_ table: SharedTable) -> Bool {
        let round = position / SharedTable.all.count
        return table == self.table(at: position) && round % Pace.roundsToEverything == Pace.roundsToEverything - 1
    }

    private func beginReads() {
        guard refused == nil, reads + intake.reads < Pace.reads else { return }
        for table in SharedTable.all where cursors[table].map({ $0.isBehind && !$0.isReading }) == true {
            begin(table)
            if reads + intake.reads >= Pace.reads { return }
        }
    }

    private func begin(_ table: SharedTable) {
        reads += 1
        let since = cursors[table]?.beginRead(everything: wantsEverything(table)) ?? 0
        let asked = loop.now
        link.run(SharedScripts.read, on: table, [RedisWord(since)]) { result in
            self.reads -= 1
            self.answered(table, result, asked: asked)
        }
    }

    private func answered(_ table: SharedTable, _ result: Result<RedisReply, RedisFailure>, asked: Instant) {
        // The link is down, or something is wrong there: the next step asks again.
        guard case .success(let reply) = result, let changes = SharedChanges(reply) else {
            cursors[table]?.readFailed()
            return tellRefusal(result, of: table)
        }
        learnTime(changes.time, asked: asked)
        if cursors[table]?.read(changes) == true {
            intake.append(changes, of: table, at: loop.now)
            takePart()
        }
        beginReads()
    }

    /// As much as this round has left: one read of the connection may bring many answers.
    func takePart() {
        if round != loop.now { (round, left) = (loop.now, Pace.part) }
        while left > 0, let id = untold.popLast() {
            if !vouch(for: id) { tellAgain(id) }
            left -= Pace.telling
        }
        while left > 0, let piece = intake.next() {
            take(piece)
            left -= piece.weight
        }
        guard !goesOn, !untold.isEmpty || !intake.isEmpty else { return }
        goesOn = true
        loop.again(self)
    }

    /// All that was read of a table is in the copy.
    func tellTaken(_ table: SharedTable) {
        read[table] = loop.now
        registry.ledger.withLock { $0.lastRead = loop.now }
        guard refused == nil, read.count == SharedTable.all.count, let oldest = read.values.min() else { return }
        let wasFresh = registry.state(at: loop.now) == .fresh
        registry.ledger.withLock { ledger in
            ledger.freshUntil = oldest + registry.limits.freshness
            ledger.hasBeenRead = true
            // What was owed was told before anything was read; what is taken over now may be from before an outage.
            if !ledger.isDetached { (ledger.believed, ledger.unheard) = ([:], []) }
        }
        // Whom only others hear was not judged meanwhile.
        if !wasFresh { registry.local.forgive(at: loop.now) }
        guard wasAlone else { return }
        wasAlone = false
        log.info("the registry is shared again")
    }

    /// Something is kept there that is none of ours, or rights are missing.
    private func tellRefusal(_ result: Result<RedisReply, RedisFailure>, of table: SharedTable) {
        switch result {
        case .failure(.refused(let error)):
            log.warning(
                "Redis refuses what the registry asks", every: &refusals, at: loop.now, ["reason": error.description])
        case .success:
            log.warning(
                "what is in Redis is not the registry's", every: &refusals, at: loop.now, ["table": table.name])
        case .failure(.unavailable), .failure(.full), .failure(.unanswered): break
        }
    }

    /// What the server's clock says is what epochs are counted by. It was later than the question, so that the time
    /// that is assumed is never behind: a server that is slow takes nothing for too old.
    private func learnTime(_ micros: UInt64, asked: Instant) {
        let ours = asked.nanoseconds / 1_000
        registry.ledger.withLock { ledger in
            ledger.epochBase = micros > ours ? micros - ours : 0
            ledger.knowsTime = true
        }
    }
}

extension SharedSync: TimerTarget {
    func timerFired(_ token: UInt32) {
        step()
        timer = loop.arm(after: Pace.step, self)
    }
}

extension SharedSync: EventSource {
    func ready(_ readiness: Readiness) {
        goesOn = false
        takePart()
        if client.isUp { beginReads() }
    }
}

extension SharedSync: RedisObserver {
    func redisIsUp() { linkUp() }

    func redisIsDown(_ reason: RedisDisconnect) { goAlone("\(reason)") }
}

extension SharedSync: RedisSubscriberObserver {
    func subscribed() {
        // What was told before is not told again.
        for table in SharedTable.all { cursors[table]?.missed() }
        if client.isUp { beginReads() }
    }

    func lost(_ reason: RedisDisconnect) {}

    func received(_ message: RedisMessage) {
        guard let text = String(validating: message.payload.array, as: UTF8.self), let notice = SharedNotice(text)
        else { return }
        guard intake.takesNotices else {
            cursors[notice.table]?.missed()
            return
        }
        guard cursors[notice.table]?.heard(notice) == true else { return }
        intake.append(notice, at: loop.now)
        takePart()
    }
}
