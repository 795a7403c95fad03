import Bytes
import Testing

private func append(_ bytes: [UInt8], to queue: inout ByteQueue) -> Bool { queue.append(bytes.rawSpan) }

/// Where the first queued byte lies: only to see whether it moved.
private func address(of queue: borrowing ByteQueue) -> UInt {
    queue.readable.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
}

@Suite("ByteQueue")
struct ByteQueueTests {
    @Test("what comes in pieces is read in one, at every split point")
    func everySplit() {
        let message = Array(UInt8(0)..<50)
        for split in 0...message.count {
            var queue = ByteQueue(maximum: 50)
            let first = append(Array(message[..<split]), to: &queue)
            let second = append(Array(message[split...]), to: &queue)
            #expect(first && second)
            #expect(Array(copying: queue.readable) == message)
        }
    }

    @Test("the bound is exact: a byte too many is refused whole, and nothing is lost")
    func bound() {
        var queue = ByteQueue(maximum: 10)
        let exact = append([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], to: &queue)
        #expect(exact)
        let nothing = append([], to: &queue)
        #expect(nothing)
        let over = append([11], to: &queue)
        #expect(!over)
        queue.consume(1)
        let two = append([11, 12], to: &queue)
        #expect(!two)
        #expect(queue.count == 9)
        let one = append([11], to: &queue)
        #expect(one)
        #expect(Array(copying: queue.readable) == Array(2...11))
    }

    @Test("a queue without room for anything refuses everything but nothing")
    func zeroBound() {
        var queue = ByteQueue(maximum: 0)
        let some = append([1], to: &queue)
        #expect(!some)
        let none = append([], to: &queue)
        #expect(none)
        #expect(queue.allocated == 0)
        #expect(queue.readable.byteCount == 0)
    }

    @Test("an empty queue holds no memory, however it became empty")
    func releasesMemory() {
        var queue = ByteQueue(maximum: 1 << 20)
        #expect(queue.allocated == 0)
        _ = append(Array(repeating: 1, count: 100_000), to: &queue)
        #expect(queue.allocated >= 100_000)
        queue.consume(99_999)
        #expect(queue.allocated >= 100_000)
        queue.consume(1)
        #expect(queue.allocated == 0)
        _ = append([1], to: &queue)
        queue.removeAll()
        #expect(queue.allocated == 0)
        #expect(queue.count == 0)
    }

    @Test("a stream through a nearly full queue moves what is queued once per queue's worth, not per byte")
    func steadyStream() {
        let maximum = 1000
        let rounds = 20_000
        var queue = ByteQueue(maximum: maximum)
        var all = append(Array(repeating: 0, count: maximum - 1), to: &queue)
        var moves = 0
        var place = address(of: queue)
        for round in 0..<rounds {
            all = append([UInt8(truncatingIfNeeded: round)], to: &queue) && all
            queue.consume(1)
            let next = address(of: queue)
            if next != place + 1 { moves += 1 }
            place = next
        }
        #expect(all)
        #expect(moves <= rounds / (maximum / 2))
        #expect(queue.allocated <= 2 * maximum)
        let expected = (rounds - maximum + 1..<rounds).map { UInt8(truncatingIfNeeded: $0) }
        #expect(Array(copying: queue.readable) == expected)
    }

    @Test("a bound that is no bound does not overflow")
    func unbounded() {
        var queue = ByteQueue(maximum: .max)
        for _ in 0..<10 {
            let added = append(Array(repeating: 5, count: 1000), to: &queue)
            #expect(added)
        }
        #expect(queue.count == 10_000)
    }

    @Test("consuming more than is queued traps")
    func overconsumption() async {
        await #expect(processExitsWith: .failure) {
            var queue = ByteQueue(maximum: 10)
            _ = append([1, 2], to: &queue)
            queue.consume(3)
        }
        await #expect(processExitsWith: .failure) {
            var queue = ByteQueue(maximum: 10)
            queue.consume(-1)
        }
    }
}
