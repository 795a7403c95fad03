import Bytes
import Testing

/// Where the bytes of `shared` begin: only to see whether two share memory.
private func address(of shared: SharedBytes) -> UInt {
    shared.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
}

@Suite("SharedBytes")
struct SharedBytesTests {
    @Test("finishing a writer and slicing copy no byte")
    func shares() {
        var writer = ByteWriter(capacity: 100)
        writer.append([1, 2, 3, 4, 5, 6])
        let before = writer.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let shared = writer.finish()
        #expect(address(of: shared) == before)
        let slice = shared[2..<5]
        #expect(address(of: slice) == before + 2)
        #expect(slice.array == [3, 4, 5])
        #expect(address(of: slice[1..<3]) == before + 3)
        #expect(address(of: shared.dropping(first: 4)) == before + 4)
    }

    @Test("every slice holds what the same slice of an array holds")
    func everySlice() {
        let array = Array(UInt8(0)..<24)
        let shared = SharedBytes(array)
        for start in 0...array.count {
            for end in start...array.count {
                let slice = shared[start..<end]
                #expect(slice.count == end - start)
                #expect(slice.isEmpty == (start == end))
                #expect(slice.array == Array(array[start..<end]))
            }
        }
    }

    @Test("a slice keeps the memory alive when all else is gone")
    func outlives() {
        func made() -> SharedBytes { SharedBytes(Array(repeating: 7, count: 10_000))[9_000..<9_004] }
        #expect(made().array == [7, 7, 7, 7])
    }

    @Test("a slice that reaches outside traps")
    func outside() async {
        await #expect(processExitsWith: .failure) { _ = SharedBytes([1, 2, 3])[1..<4] }
        await #expect(processExitsWith: .failure) { _ = SharedBytes([1, 2, 3])[-1..<2] }
        // Inside the memory, but outside the slice.
        await #expect(processExitsWith: .failure) { _ = SharedBytes([1, 2, 3])[0..<1][0..<2] }
        await #expect(processExitsWith: .failure) { _ = SharedBytes([1, 2, 3]).dropping(first: 4) }
    }

    @Test("equality is of bytes, not of memory")
    func equality() {
        #expect(SharedBytes("abc") == SharedBytes([0x61, 0x62, 0x63]))
        #expect(SharedBytes("xabc")[1..<4] == SharedBytes("abcx")[0..<3])
        #expect(SharedBytes("abc") != SharedBytes("abd"))
        #expect(SharedBytes("abc") != SharedBytes("ab"))
        #expect(SharedBytes("") == .empty)
    }

    @Test("a value is a reference and a range: 16 bytes")
    func size() {
        #expect(MemoryLayout<SharedBytes>.size == 16)
    }

    @Test("many tasks read and slice one allocation at once")
    func acrossThreads() async {
        let shared = SharedBytes((0..<4096).map { UInt8(truncatingIfNeeded: $0) })
        let sums = await withTaskGroup(of: Int.self) { group in
            for part in 0..<16 {
                let slice = shared[part * 256..<(part + 1) * 256]
                group.addTask { slice.array.reduce(0) { $0 + Int($1) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sums == Array(repeating: 255 * 128, count: 16))
    }
}
