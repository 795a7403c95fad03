import RTMP
import RTMPModel
import TestKit
import Testing

@Suite("AMF0Value") struct AMF0Tests {
    struct Golden: Sendable, CustomTestStringConvertible {
        let bytes: String
        let value: AMF0Value
        var testDescription: String { bytes }
    }

    static let golden = [
        Golden(bytes: "00 3ff0000000000000", value: .number(1)),
        Golden(bytes: "00 7ff0000000000000", value: .number(.infinity)),
        Golden(bytes: "01 01", value: .boolean(true)),
        Golden(bytes: "01 00", value: .boolean(false)),
        Golden(bytes: "02 0004 6c697665", value: .string("live")),
        Golden(bytes: "02 0000", value: .string("")),
        Golden(bytes: "02 0002 c4e3", value: .string(.bytes([0xC4, 0xE3]))),
        Golden(bytes: "05", value: .null),
        Golden(bytes: "06", value: .undefined),
        Golden(bytes: "0d", value: .unsupported),
        Golden(
            bytes: "03 0001 61 00 4000000000000000 0001 62 03 000009 000009",
            value: .object(AMFProperties([("a", .number(2)), ("b", .object(AMFProperties()))]))),
        Golden(bytes: "08 00000001 0001 61 05 000009", value: .ecmaArray(AMFProperties([("a", .null)]))),
        Golden(bytes: "0a 00000002 05 0101", value: .strictArray([.null, .boolean(true)])),
        Golden(bytes: "0b 4270000000000000 ffc4", value: .date(milliseconds: 1_099_511_627_776, timeZone: -60)),
        Golden(bytes: "0f 00000004 3c612f3e", value: .xmlDocument("<a/>")),
        Golden(
            bytes: "10 0001 43 0001 61 06 000009",
            value: .typedObject(className: "C", AMFProperties([("a", .undefined)]))),
        Golden(bytes: "11 04 7f", value: .avmPlus(.integer(127))),
    ]

    @Test("each kind of value is these bytes, in both directions", arguments: golden)
    func goldenBytes(_ golden: Golden) throws {
        #expect(try readAMF0(hex(golden.bytes)) == [golden.value])
        #expect(try write(golden.value) == hex(golden.bytes))
    }

    @Test("every truncation is an error that says where the bytes end", arguments: golden)
    func truncations(_ golden: Golden) throws {
        let bytes = hex(golden.bytes)
        for count in 1..<bytes.count {
            do throws(AMFError) {
                let values = try readAMF0(Array(bytes[..<count]))
                // An object may end with the message, behind a whole property.
                #expect(values.first?.properties != nil, "\(count) bytes became \(values)")
            } catch {
                guard case .truncated(let offset) = error else {
                    Issue.record("\(error) after \(count) bytes")
                    continue
                }
                #expect(offset <= count && count - offset < 8)
            }
        }
    }

    @Test("every first byte is a marker that AMF0 defines, or refused")
    func firstBytes() {
        let known: Set<UInt8> = [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17]
        for byte in UInt8.min...UInt8.max {
            // The count of an array with names is not looked at, and its end may be that of the message.
            guard byte != 8 else { continue }
            let error = #expect(throws: AMFError.self) { try readAMF0([0x0D, byte, 0xFF, 0xFF, 0xFF, 0xFF]) }
            switch byte {
            case 9: #expect(error == .unexpectedObjectEnd(offset: 1))
            case 1, 5, 6, 13: #expect(error == .unknownMarker(0xFF, offset: byte == 1 ? 3 : 2))
            case 7: #expect(error == .unknownReference(65535, offset: 1))
            case 17: #expect(error == .unknownMarker(0xFF, offset: 2))
            case _ where known.contains(byte): #expect(error == .truncated(offset: byte == 0 || byte == 11 ? 2 : 6))
            default: #expect(error == .unknownMarker(byte, offset: 1))
            }
        }
    }

    @Test(
        "numbers keep every bit", arguments: [0x7FF8_0000_0000_0001, 0xFFF0_0000_0000_0000, 0x8000_0000_0000_0000, 1])
    func numbers(bits: UInt64) throws {
        let values = try readAMF0(try write(AMF0Value.number(Double(bitPattern: bits))))
        #expect(values.first?.number?.bitPattern == bits)
    }

    @Test("a text is written with the marker that its length needs", arguments: [65535, 65536])
    func longText(count: Int) throws {
        let value = AMF0Value.string(String(repeating: "x", count: count))
        let bytes = try write(value)
        #expect(bytes.prefix(5) == (count == 65535 ? [2, 0xFF, 0xFF, 120, 120] : [0x0C, 0, 1, 0, 0]))
        #expect(try readAMF0(bytes) == [value])
    }

    @Test("a name that has no length in AMF0 is refused")
    func longName() {
        let name = AMFString(String(repeating: "x", count: 65536))
        let error = AMFError.tooLong(bytes: 65536, maximum: 65535)
        #expect(throws: error) { try write(AMF0Value.object(AMFProperties([(name, .null)]))) }
        #expect(throws: error) { try write(AMF0Value.typedObject(className: name, AMFProperties())) }
    }

    @Test("seeded random values are read as they were written")
    func roundTrips() throws {
        var random = RandomValues(SplitMix(seed: 1))
        for _ in 0..<2000 {
            let value = random.amf0(depth: 4)
            let bytes = try write(value)
            let again = try readAMF0(bytes)
            #expect(again.count == 1)
            // As text: a NaN equals nothing.
            #expect("\(again)" == "\([value])")
            #expect(try again.first.map { value throws in try write(value) } == bytes)
        }
    }
}

@Suite("AMF0 as encoders really send it") struct AMF0ToleranceTests {
    @Test(
        "an object may end with the message instead of its marker",
        arguments: ["03 0001 61 05", "03 0001 61 05 0000", "08 00000009 0001 61 05", "10 0000 0001 61 05"])
    func unendedObject(bytes: String) throws {
        let values = try readAMF0(hex(bytes))
        #expect(values.count == 1)
        #expect(values.first?.properties == AMFProperties([("a", .null)]))
    }

    @Test("the count of an array with names does not matter", arguments: ["00000000", "00000001", "ffffffff"])
    func wrongCount(count: String) throws {
        let values = try readAMF0(hex("08 \(count) 0001 61 05 0001 62 06 000009 0101"))
        #expect(values == [.ecmaArray(AMFProperties([("a", .null), ("b", .undefined)])), .boolean(true)])
    }

    /// `set_playlist`, which announces three entries and has one.
    @Test("librtmp's playlist is read")
    func playlist() throws {
        let values = try readAMF0(
            hex("02 000c 7365745f706c61796c697374 00 0000000000000000 05 08 00000003 0001 30 02 0001 73 000009"))
        #expect(values.last == .ecmaArray(AMFProperties([("0", .string("s"))])))
        #expect(values.count == 4)
    }

    @Test("an empty name is a name, unless an end marker follows")
    func emptyName() throws {
        let values = try readAMF0(hex("03 0000 0101 0001 61 05 000009"))
        #expect(values == [.object(AMFProperties([("", .boolean(true)), ("a", .null)]))])
        #expect(try write(values[0]) == hex("03 0000 0101 0001 61 05 000009"))
    }

    @Test("any byte but zero is true")
    func boolean() throws {
        #expect(try readAMF0([1, 0xFF]) == [.boolean(true)])
    }
}

@Suite("Bounds of AMFReader") struct AMFBoundsTests {
    @Test("an array that claims more elements than there are bytes costs nothing")
    func hugeArray() {
        #expect(throws: AMFError.truncated(offset: 6)) { try readAMF0(hex("0a ffffffff 05")) }
        #expect(throws: AMFError.truncated(offset: 6)) { try readAMF3(hex("09 ffffffff 01")) }
        #expect(throws: AMFError.truncated(offset: 5)) { try readAMF0(hex("0c ffffffff")) }
        for marker in ["0d", "0e", "0f", "10", "11"] {
            #expect(throws: AMFError.self) { try readAMF3(hex("\(marker) ffffffff 00 01 01 01 01")) }
        }
        #expect(throws: AMFError.truncated(offset: 6)) { try readAMF3(hex("0a bffffffb 01")) }
    }

    @Test("depth is bounded in both formats, and where one is inside of the other")
    func depth() throws {
        let limits = AMFLimits(maximumDepth: 3)
        let open = "0a 00000001"
        #expect(try readAMF0(hex(open + open + open + "05"), limits: limits).count == 1)
        #expect(throws: AMFError.tooDeep(maximum: 3)) {
            try readAMF0(hex(open + open + open + open + "05"), limits: limits)
        }
        let open3 = "09 03 01"
        #expect(try readAMF3(hex(open3 + open3 + open3 + "01"), limits: limits).count == 1)
        #expect(throws: AMFError.tooDeep(maximum: 3)) {
            try readAMF0(hex(open + open + "11" + open3 + open3 + "01"), limits: limits)
        }
        let million = [UInt8](repeating: 0x0A, count: 1_000_000)
        #expect(throws: AMFError.self) { try readAMF0(million) }
    }

    @Test("values are counted wherever they are")
    func values() throws {
        let limits = AMFLimits(maximumValues: 4)
        #expect(try readAMF0(hex("0a 00000002 05 05 05"), limits: limits).count == 2)
        #expect(throws: AMFError.tooManyValues(maximum: 4)) {
            try readAMF0(hex("0a 00000002 05 05 05 05"), limits: limits)
        }
        #expect(throws: AMFError.tooManyValues(maximum: 4)) {
            try readAMF0(hex("0a 00000004 05 05 05 05"), limits: limits)
        }
        #expect(throws: AMFError.tooManyValues(maximum: 4)) { try readAMF0(hex("11 00 11 00 05"), limits: limits) }
    }

    @Test("bytes are counted in texts, names, byte arrays and vectors")
    func bytes() throws {
        let limits = AMFLimits(maximumBytes: 4)
        #expect(try readAMF0(hex("02 0002 6162 02 0002 6162"), limits: limits).count == 2)
        let error = AMFError.tooManyBytes(maximum: 4)
        #expect(throws: error) { try readAMF0(hex("02 0005 6162636465"), limits: limits) }
        #expect(throws: error) { try readAMF0(hex("03 0005 6162636465 05 000009"), limits: limits) }
        #expect(throws: error) { try readAMF3(hex("0c 0b 0102030405"), limits: limits) }
        #expect(throws: error) { try readAMF3(hex("0d 05 00 00000001 00000002"), limits: limits) }
        #expect(throws: error) { try readAMF3(hex("0f 03 00 0000000000000000"), limits: limits) }
        #expect(throws: error) { try readAMF3(hex("06 07 616263 06 00"), limits: limits) }
    }
}

@Suite("References of AMF0") struct AMF0ReferenceTests {
    @Test("a reference yields the object that it names, counted from the first of the message")
    func found() throws {
        let values = try readAMF0(hex("03 0001 61 05 000009  0a 00000001 0101  07 0001  07 0000"))
        #expect(values == [values[0], values[1], values[1], values[0]])
    }

    @Test("a reference to what has not come yet is refused")
    func unknown() {
        #expect(throws: AMFError.unknownReference(1, offset: 4)) { try readAMF0(hex("03 000009 07 0001")) }
    }

    @Test("a reference to an object from inside of it is refused")
    func cyclic() {
        #expect(throws: AMFError.cyclicReference(offset: 4)) { try readAMF0(hex("03 0001 61 07 0000 000009")) }
        #expect(throws: AMFError.cyclicReference(offset: 5)) { try readAMF0(hex("0a 00000001 07 0000")) }
    }

    @Test("the bytes of what is named count again")
    func bytes() {
        let object = hex("0a 00000001 02 0064") + [UInt8](repeating: 120, count: 100)
        let names = [[UInt8]](repeating: [7, 0, 0], count: 99).flatMap(\.self)
        #expect(throws: Never.self) { try readAMF0(object + names, limits: AMFLimits(maximumBytes: 10_000)) }
        #expect(throws: AMFError.tooManyBytes(maximum: 9999)) {
            try readAMF0(object + names, limits: AMFLimits(maximumBytes: 9999))
        }
    }

    /// Twice the last one, in each of 30 arrays: 2³⁰ values if nobody counted.
    @Test("references that double a value again and again reach the bound")
    func doubling() {
        var bytes = hex("0a 00000000")
        for level in 0..<30 { bytes += hex("0a 00000002") + [7, 0, UInt8(level), 7, 0, UInt8(level)] }
        #expect(throws: AMFError.tooManyValues(maximum: 32768)) { try readAMF0(bytes) }
        let limits = AMFLimits(maximumDepth: 8, maximumValues: .max)
        #expect(throws: AMFError.tooDeep(maximum: 8)) { try readAMF0(bytes, limits: limits) }
    }
}
