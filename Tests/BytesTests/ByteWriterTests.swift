import Bytes
import Testing

@Suite("ByteWriter")
struct ByteWriterTests {
    @Test("each integer lies in memory as its byte order says")
    func integers() {
        var writer = ByteWriter(capacity: 0)
        writer.u8(0x01)
        writer.u16(0x0203)
        writer.u24(0xFF04_0506)
        writer.u32(0x0708_090A)
        writer.u64(0x0B0C_0D0E_0F10_1112)
        writer.u16LE(0x1413)
        writer.u24LE(0xFF17_1615)
        writer.u32LE(0x1B1A_1918)
        writer.u64LE(0x2322_2120_1F1E_1D1C)
        writer.f64(Double(bitPattern: 0x2425_2627_2829_2A2B))
        #expect(writer.finish().array == Array(0x01...0x2B))
    }

    @Test("growing keeps what was written, from any first capacity", arguments: [0, 1, 63, 64, 65])
    func growth(capacity: Int) {
        var writer = ByteWriter(capacity: capacity)
        for value in 0..<UInt32(2000) { writer.u32(value) }
        #expect(writer.count == 8000)
        let shared = writer.finish()
        var reader = ByteReader(shared.bytes)
        for value in 0..<UInt32(2000) { #expect((try? reader.u32()) == value) }
    }

    @Test("reserved room is room: no allocation takes place until it is used up")
    func reserve() {
        var writer = ByteWriter(capacity: 0)
        writer.reserve(1000)
        let room = writer.capacity
        #expect(room >= 1000)
        for _ in 0..<room { writer.u8(7) }
        #expect(writer.capacity == room)
        writer.u8(7)
        #expect(writer.capacity > room)
    }

    @Test("a length known at the end is patched in where it belongs, and nowhere else")
    func patches() {
        var writer = ByteWriter()
        writer.append([9, 0, 0, 0, 0, 9, 0, 0, 0, 9])
        writer.patchU32(0x0102_0304, at: 1)
        writer.patchU24(0xFF05_0607, at: 6)
        #expect(writer.finish().array == [9, 1, 2, 3, 4, 9, 5, 6, 7, 9])
    }

    @Test("a patch that is not wholly inside what was written traps")
    func patchOutside() async {
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter()
            writer.u32(0)
            writer.patchU32(0, at: 1)
        }
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter()
            writer.u32(0)
            writer.patchU24(0, at: -1)
        }
    }

    @Test(
        "a signed number is written as Swift writes it",
        arguments: [0, 1, -1, 9, 10, -10, 99, 100, Int.max, Int.min, 1_234_567_890]
    )
    func signedDecimal(value: Int) {
        var writer = ByteWriter(capacity: 0)
        writer.append(decimal: value)
        #expect(String(copying: writer.finish().bytes) == String(value))
    }

    @Test("an unsigned number is written as Swift writes it", arguments: [0, 9, 10, 15, 16, 255, 256, UInt64.max])
    func unsignedDecimalAndHex(value: UInt64) {
        var writer = ByteWriter(capacity: 0)
        writer.append(decimal: value)
        writer.append("/")
        writer.append(hex: value)
        #expect(String(copying: writer.finish().bytes) == "\(value)/" + String(value, radix: 16))
    }

    @Test("the narrowest type's ends are written too")
    func narrowDecimal() {
        var writer = ByteWriter()
        writer.append(decimal: Int8.min)
        writer.append(decimal: UInt8.max)
        #expect(String(copying: writer.finish().bytes) == "-128255")
    }

    @Test("text, literals, arrays and shared bytes are appended as their bytes; empty ones change nothing")
    func runs() {
        var writer = ByteWriter(capacity: 0)
        writer.append(text: "")
        writer.append([])
        writer.append("")
        writer.append(.empty)
        #expect(writer.count == 0)
        writer.append(text: "é")
        writer.append([1, 2])
        writer.append("lit")
        writer.append(SharedBytes([3, 4])[1..<2])
        #expect(writer.finish().array == [0xC3, 0xA9, 1, 2, 0x6C, 0x69, 0x74, 4])
    }

    @Test("forgetting what was written keeps the memory")
    func removeAll() {
        var writer = ByteWriter(capacity: 0)
        for _ in 0..<500 { writer.u8(1) }
        let room = writer.capacity
        writer.removeAll()
        #expect(writer.count == 0)
        #expect(writer.capacity == room)
        writer.u8(2)
        #expect(Array(copying: writer.bytes) == [2])
    }
}
