import Bytes

/// What an operator has ordered here of an origin, or the origin of itself.
struct OwedOrder {
    enum Kind: Equatable {
        case drain, undrain, deregister
        /// This start of the origin has said that it is no more.
        case farewell(OriginInstance)
    }

    let origin: OriginID
    let kind: Kind
    let given: Instant
    /// Another one for each order.
    fileprivate let number: UInt64
    /// It was told, and not confirmed.
    fileprivate(set) var hasFailed = false
    fileprivate var isUnderWay = false
    /// The version of the table that it has made.
    fileprivate var version: UInt64?
    fileprivate var hasHidden = false

    /// The table that it changes.
    var table: SharedTable {
        switch kind {
        case .drain, .undrain: .drained
        case .deregister, .farewell: .origins
        }
    }
}

/// Orders that Redis has not confirmed: for each origin the last one that drains or undrains it, and the last one that
/// takes it out. Pure.
///
///     owed ──begin──► under way ──confirmed──► confirmed at a version ──read up to it──► gone
///       ▲                 │                              │
///       └─────failed──────┴─────────── restart ──────────┘
///
/// Until the end what is heard of the origin is older than the order, and is left.
struct OwedOrders {
    private struct Subject: Hashable {
        let origin: OriginID
        let table: SharedTable
    }

    private var orders: [Subject: OwedOrder] = [:]
    private var lastNumber: UInt64 = 0
    private let maximum: Int

    /// Beyond `maximum` the order that was given first is told no more.
    init(maximum: Int) { self.maximum = maximum }

    var isEmpty: Bool { orders.isEmpty }
    var count: Int { orders.count }

    mutating func owe(_ kind: OwedOrder.Kind, of origin: OriginID, at now: Instant) {
        lastNumber += 1
        let order = OwedOrder(origin: origin, kind: kind, given: now, number: lastNumber)
        let subject = Subject(origin: origin, table: order.table)
        if orders[subject] == nil, orders.count >= maximum,
            let first = orders.min(by: { $0.value.number < $1.value.number })
        {
            orders[first.key] = nil
        }
        orders[subject] = order
    }

    /// The origin has beaten since it was taken out: it is registered anew.
    mutating func voidRemoval(of origin: OriginID) {
        orders[Subject(origin: origin, table: .origins)] = nil
    }

    /// Those that are to be told now, the first that was given first.
    mutating func begin() -> [OwedOrder] {
        let waiting = orders.filter { !$0.value.isUnderWay }
        for subject in waiting.keys { orders[subject]?.isUnderWay = true }
        return waiting.values.sorted { $0.number < $1.number }
    }

    /// One that was told has made this version of its table, or none: then it is void. Returns whether something was
    /// left that may hold after all: it may have come after the order.
    mutating func confirmed(_ order: OwedOrder, at version: UInt64?) -> Bool {
        guard let subject = subject(of: order) else { return false }
        guard let version else { return orders.removeValue(forKey: subject)?.hasHidden == true }
        orders[subject]?.version = version
        return orders[subject]?.hasHidden == true
    }

    /// One that was told may not have been heard.
    mutating func failed(_ order: OwedOrder) {
        guard let subject = subject(of: order) else { return }
        orders[subject]?.hasFailed = true
        orders[subject]?.isUnderWay = false
    }

    /// Nil where another one was given meanwhile.
    private func subject(of order: OwedOrder) -> Subject? {
        let subject = Subject(origin: order.origin, table: order.table)
        return orders[subject]?.number == order.number ? subject : nil
    }

    /// A table is known up to this version: what is heard of it now is no older than the orders before.
    mutating func settle(_ table: SharedTable, upTo version: UInt64) {
        guard !orders.isEmpty else { return }
        orders = orders.filter { $0.key.table != table || $0.value.version.map { $0 > version } ?? true }
    }

    /// The link is up again: a server that has taken the place of another may have lost what that one has confirmed.
    mutating func restart() {
        for (subject, order) in orders where order.version != nil {
            orders[subject]?.version = nil
            orders[subject]?.hasFailed = true
            orders[subject]?.isUnderWay = false
        }
    }

    /// Whether what Redis says of the origin in this table is to be left.
    mutating func hides(_ origin: OriginID, in table: SharedTable) -> Bool {
        let subject = Subject(origin: origin, table: table)
        guard orders[subject] != nil else { return false }
        orders[subject]?.hasHidden = true
        return true
    }
}
