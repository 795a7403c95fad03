import RTMP
import RTMPModel
import TestKit
import Testing

@Suite("AMF3Value") struct AMF3Tests {
    struct Golden: Sendable, CustomTestStringConvertible {
        let bytes: String
        let value: AMF3Value
        var testDescription: String { bytes }
    }

    static let golden = [
        Golden(bytes: "00", value: .undefined),
        Golden(bytes: "01", value: .null),
        Golden(bytes: "02", value: .boolean(false)),
        Golden(bytes: "03", value: .boolean(true)),
        Golden(bytes: "04 00", value: .integer(0)),
        Golden(bytes: "04 7f", value: .integer(127)),
        Golden(bytes: "04 8100", value: .integer(128)),
        Golden(bytes: "04 ff7f", value: .integer(16383)),
        Golden(bytes: "04 818000", value: .integer(16384)),
        Golden(bytes: "04 ffff7f", value: .integer(2_097_151)),
        Golden(bytes: "04 80c08000", value: .integer(2_097_152)),
        Golden(bytes: "04 bfffffff", value: .integer(268_435_455)),
        Golden(bytes: "04 c0808000", value: .integer(-268_435_456)),
        Golden(bytes: "04 ffffffff", value: .integer(-1)),
        Golden(bytes: "05 3ff8000000000000", value: .double(1.5)),
        Golden(bytes: "06 07 616263", value: .string("abc")),
        Golden(bytes: "06 01", value: .string("")),
        Golden(bytes: "07 09 3c612f3e", value: .xmlDocument("<a/>")),
        Golden(bytes: "08 01 4270000000000000", value: .date(milliseconds: 1_099_511_627_776)),
        Golden(
            bytes: "09 05 03 61 04 01 01 01 03",
            value: .array(named: AMFProperties([("a", .integer(1))]), elements: [.null, .boolean(true)])),
        Golden(
            bytes: "0a 0b 01 03 61 04 01 01",
            value: .object(AMF3Object(properties: AMFProperties([("a", .integer(1))])))),
        Golden(
            bytes: "0a 13 03 43 03 61 04 01",
            value: .object(
                AMF3Object(
                    className: "C", isDynamic: false, sealedCount: 1,
                    properties: AMFProperties([("a", .integer(1))])))),
        Golden(
            bytes: "0a 1b 03 43 03 61 04 01 03 62 03 01",
            value: .object(
                AMF3Object(
                    className: "C", sealedCount: 1,
                    properties: AMFProperties([("a", .integer(1)), ("b", .boolean(true))])))),
        Golden(bytes: "0b 09 3c612f3e", value: .xml("<a/>")),
        Golden(bytes: "0c 07 010203", value: .byteArray([1, 2, 3])),
        Golden(bytes: "0d 05 01 00000001 ffffffff", value: .vectorOfInt([1, -1], isFixed: true)),
        Golden(bytes: "0e 03 00 ffffffff", value: .vectorOfUInt([.max], isFixed: false)),
        Golden(bytes: "0f 03 00 3ff8000000000000", value: .vectorOfDouble([1.5], isFixed: false)),
        Golden(
            bytes: "10 05 00 03 43 01 0401",
            value: .vectorOfObject(className: "C", [.null, .integer(1)], isFixed: false)),
        Golden(
            bytes: "11 03 01 0401 03",
            value: .dictionary([AMF3Entry(key: .integer(1), value: .boolean(true))], hasWeakKeys: true)),
    ]

    @Test("each kind of value is these bytes, in both directions", arguments: golden)
    func goldenBytes(_ golden: Golden) throws {
        #expect(try readAMF3(hex(golden.bytes)) == [golden.value])
        #expect(try write(golden.value) == hex(golden.bytes))
    }

    @Test("every truncation is an error that says where the bytes end", arguments: golden)
    func truncations(_ golden: Golden) throws {
        let bytes = hex(golden.bytes)
        for count in 1..<bytes.count {
            let error = #expect(throws: AMFError.self) { try readAMF3(Array(bytes[..<count])) }
            guard case .truncated(let offset) = error else {
                Issue.record("\(String(describing: error)) after \(count) bytes")
                continue
            }
            #expect(offset <= count && count - offset < 8)
        }
    }

    @Test("every first byte is a marker that AMF3 defines, or refused")
    func firstBytes() {
        for byte in UInt8.min...UInt8.max {
            guard byte > 3 else {
                #expect(throws: Never.self) { try readAMF3([byte]) }
                continue
            }
            let error: AMFError = byte <= 0x11 ? .truncated(offset: 1) : .unknownMarker(byte, offset: 0)
            #expect(throws: error) { try readAMF3([byte]) }
        }
    }

    @Test("an integer of more than 29 bits is written as a double")
    func wideInteger() throws {
        #expect(try write(AMF3Value.integer(268_435_456)) == hex("05 41b0000000000000"))
        #expect(try write(AMF3Value.integer(.min)) == hex("05 c1e0000000000000"))
    }

    @Test("a dynamic property without a name cannot be written")
    func emptyName() {
        let properties: AMFProperties<AMF3Value> = AMFProperties([("", .null)])
        #expect(throws: AMFError.emptyKey) { try write(AMF3Value.object(AMF3Object(properties: properties))) }
        #expect(throws: AMFError.emptyKey) { try write(AMF3Value.array(named: properties, elements: [])) }
    }

    @Test("an object that writes itself is refused")
    func externalizable() {
        #expect(throws: AMFError.externalizable(offset: 0)) { try readAMF3(hex("0a 07 03 43 01")) }
    }

    @Test("seeded random values are read as they were written")
    func roundTrips() throws {
        var random = RandomValues(SplitMix(seed: 2))
        for _ in 0..<2000 {
            let value = random.amf3(depth: 4)
            let bytes = try write(value)
            let again = try readAMF3(bytes)
            #expect(again.count == 1)
            // As text: a NaN equals nothing.
            #expect("\(again)" == "\([value])")
            #expect(try again.first.map { value throws in try write(value) } == bytes)
        }
    }
}

@Suite("References of AMF3") struct AMF3ReferenceTests {
    @Test("a text may be named again, as a value, a name or a class")
    func texts() throws {
        let values = try readAMF3(hex("06 07 616263  06 00  0a 0b 00 00 06 00 01"))
        let object = AMF3Object(className: "abc", properties: AMFProperties([("abc", .string("abc"))]))
        #expect(values == [.string("abc"), .string("abc"), .object(object)])
    }

    @Test("the empty text has no place in the table")
    func emptyText() {
        #expect(throws: AMFError.unknownReference(0, offset: 3)) { try readAMF3(hex("06 01 06 00")) }
    }

    @Test("objects, dates, byte arrays and all others share one table")
    func objects() throws {
        let values = try readAMF3(hex("08 01 3ff0000000000000  0c 03 07  09 03 01 02  0a 02  08 00  09 04"))
        let array = AMF3Value.array(named: AMFProperties(), elements: [.boolean(false)])
        #expect(
            values == [
                .date(milliseconds: 1), .byteArray([7]), array, .byteArray([7]), .date(milliseconds: 1), array,
            ])
    }

    @Test("traits may be named again")
    func traits() throws {
        let values = try readAMF3(hex("0a 13 03 43 03 61 0401  0a 01 0402"))
        let objects = [1, 2].map { number in
            AMF3Value.object(
                AMF3Object(
                    className: "C", isDynamic: false, sealedCount: 1,
                    properties: AMFProperties([("a", .integer(number))])))
        }
        #expect(values == objects)
        #expect(throws: AMFError.unknownReference(1, offset: 0)) { try readAMF3(hex("0a 05 0401")) }
    }

    @Test("a reference to an object from inside of it is refused")
    func cyclic() {
        #expect(throws: AMFError.cyclicReference(offset: 3)) { try readAMF3(hex("09 03 01 09 00")) }
        #expect(throws: AMFError.cyclicReference(offset: 5)) { try readAMF3(hex("0a 0b 01 03 61 0a 00 01")) }
    }

    @Test("the tables are those of the whole message, and apart from those of AMF0")
    func acrossValues() throws {
        let values = try readAMF0(hex("11 06 07 616263  03 000009  11 06 00  11 0a 0b 01 01  11 0a 00  07 0000"))
        let object = AMF0Value.avmPlus(.object(AMF3Object(properties: AMFProperties())))
        let text = AMF0Value.avmPlus(.string("abc"))
        #expect(values == [text, .object(AMFProperties()), text, object, object, .object(AMFProperties())])
    }

    @Test("what is named costs as much as what it names")
    func costs() {
        // A text of 100 bytes, then its name 99 times.
        let text = hex("06 8149") + [UInt8](repeating: 120, count: 100)
        let names = [[UInt8]](repeating: [6, 0], count: 99).flatMap(\.self)
        #expect(throws: Never.self) { try readAMF3(text + names, limits: AMFLimits(maximumBytes: 10_000)) }
        #expect(throws: AMFError.tooManyBytes(maximum: 9999)) {
            try readAMF3(text + names, limits: AMFLimits(maximumBytes: 9999))
        }
        // A class whose name has 100 bytes, then 99 more objects of it.
        let object = hex("0a 03 8149") + [UInt8](repeating: 120, count: 100)
        let objects = [[UInt8]](repeating: [0x0A, 1], count: 99).flatMap(\.self)
        #expect(throws: Never.self) { try readAMF3(object + objects, limits: AMFLimits(maximumBytes: 10_000)) }
        #expect(throws: AMFError.tooManyBytes(maximum: 9999)) {
            try readAMF3(object + objects, limits: AMFLimits(maximumBytes: 9999))
        }
        var bytes = hex("09 01 01")
        for level in 0..<30 { bytes += hex("09 05 01") + [9, UInt8(level << 1), 9, UInt8(level << 1)] }
        #expect(throws: AMFError.tooManyValues(maximum: 32768)) { try readAMF3(bytes) }
    }
}
