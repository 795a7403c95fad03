public import Synchronization

/// Memory of metrics: a run of cells for every shard, at addresses that never change.
///
/// The runs of two shards never share a cache line. Each cell is written by one thread, the shard's, and read by any.
final class MetricsChunk: @unchecked Sendable {
    // Safe: the address is constant, every cell is atomic, and the memory goes with the last one that refers to it.
    private let base: UnsafeMutablePointer<Atomic<UInt64>>
    let shards: Int

    /// Cells that each shard has here.
    let cellsPerShard: Int

    /// Two cache lines, for processors fetch them in pairs.
    private static let alignment = 128

    init(shards: Int, cellsPerShard minimum: Int) {
        let cellsPerLine = Self.alignment / MemoryLayout<Atomic<UInt64>>.stride
        cellsPerShard = (minimum + cellsPerLine - 1) / cellsPerLine * cellsPerLine
        self.shards = shards
        let count = cellsPerShard * shards
        base =
            UnsafeMutableRawPointer
            .allocate(byteCount: count * MemoryLayout<Atomic<UInt64>>.stride, alignment: Self.alignment)
            .bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { (base + index).initialize(to: Atomic(0)) }
    }

    deinit {
        base.deinitialize(count: cellsPerShard * shards)
        UnsafeMutableRawPointer(base).deallocate()
    }

    /// The `count` cells of a shard from `index` on.
    func cells(shard: Int, from index: Int, count: Int) -> MetricCells {
        precondition(shard >= 0 && shard < shards, "metrics of a shard that does not exist")
        precondition(index >= 0 && count > 0 && index + count <= cellsPerShard, "cells outside the chunk")
        return MetricCells(address: base + (shard * cellsPerShard + index), chunk: self)
    }
}

/// The cells of one series in one shard, and a hold on their memory: they cannot dangle, and using them does not touch
/// the reference count. Not Sendable, for only the shard's thread may write.
@usableFromInline
struct MetricCells {
    @usableFromInline let address: UnsafeMutablePointer<Atomic<UInt64>>
    private let chunk: MetricsChunk

    init(address: UnsafeMutablePointer<Atomic<UInt64>>, chunk: MetricsChunk) {
        self.address = address
        self.chunk = chunk
    }

    // Safe, for all three: `chunk` keeps the cells allocated, and handles stay within the cells of their series.

    @inlinable
    func load(_ index: Int) -> UInt64 { (address + index).pointee.load(ordering: .relaxed) }

    @inlinable
    func store(_ value: UInt64, _ index: Int) { (address + index).pointee.store(value, ordering: .relaxed) }

    /// Adds without a locked instruction, as the only thread that writes here may.
    @inlinable
    func add(_ amount: UInt64, _ index: Int) { store(load(index) &+ amount, index) }
}
