/// One of those among which a key is placed, as a snapshot shows it.
package struct Candidate: Sendable, Equatable {
    /// Of a name that tells it from all others, and stays the same across restarts.
    package var name: NameHash

    /// Its share beside the others' weights, at least 1.
    package var weight: UInt32

    /// Keys that it has now; 2³² count for more.
    package var load: Int

    package init(_ name: NameHash, weight: UInt32 = 1, load: Int = 0) {
        self.name = name
        self.weight = max(weight, 1)
        self.load = min(max(load, 0), 1 << 32)
    }

    /// Whether it would have less for its weight than `other` with one key more.
    func isLess(loadedThan other: Candidate) -> Bool {
        Product(loaded, UInt64(other.weight)) < Product(other.loaded, UInt64(weight))
    }

    func isAsLoaded(as other: Candidate) -> Bool {
        Product(loaded, UInt64(other.weight)) == Product(other.loaded, UInt64(weight))
    }

    private var loaded: UInt64 { UInt64(load) + 1 }
}

/// The whole of a product, for comparing fractions without dividing. `UInt128` does the same with calls.
struct Product: Comparable {
    private let high: UInt64
    private let low: UInt64

    init(_ left: UInt64, _ right: UInt64) { (high, low) = left.multipliedFullWidth(by: right) }

    static func < (left: Product, right: Product) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}
