import Bytes
import TestKit
import Testing

@Suite("RawSpan, scanned word by word") struct RawSpanScanTests {
    @Test("a byte is found where a plain loop finds it, at every place and from every start")
    func firstIndex() {
        for count in 0..<20 {
            for place in 0..<count {
                var bytes = [UInt8](repeating: 0x80, count: count)
                bytes[place] = 0x0A
                for start in 0...count {
                    let expected = start <= place ? place : nil
                    #expect(bytes.rawSpan.firstIndex(of: 0x0A, from: start) == expected)
                }
            }
        }
    }

    @Test("noise is scanned like a plain loop would")
    func noise() {
        var generator = SplitMix(seed: 5)
        for _ in 0..<5000 {
            let count = Int.random(in: 0...24, using: &generator)
            let edges: [UInt8] = [0x00, 0x09, 0x0A, 0x0B, 0x1F, 0x20, 0x21, 0x7E, 0x7F, 0x80, 0x81, 0xFF]
            let bytes = (0..<count).map { _ in edges.randomElement(using: &generator)! }
            let start = Int.random(in: 0...count, using: &generator)
            let control = bytes[start...].firstIndex { $0 < 0x20 || $0 == 0x7F }
            #expect(bytes.rawSpan.firstControl(from: start) == control)
            for byte in edges {
                #expect(bytes.rawSpan.firstIndex(of: byte, from: start) == bytes[start...].firstIndex(of: byte))
            }
        }
    }

    @Test("every byte by itself is a control character or not")
    func controls() {
        for byte in UInt8.min...UInt8.max {
            let isControl = byte < 0x20 || byte == 0x7F
            for count in [1, 8, 9] {
                let bytes = [UInt8](repeating: 0x41, count: count - 1) + [byte]
                #expect(bytes.rawSpan.firstControl(from: 0) == (isControl ? count - 1 : nil))
            }
        }
    }

    @Test("one byte above ASCII is seen at every place")
    func ascii() {
        for count in 0..<20 {
            let plain = [UInt8](repeating: 0x7F, count: count)
            let isPlain = plain.rawSpan.isASCII
            #expect(isPlain)
            for place in 0..<count {
                var bytes = [UInt8](repeating: 0x7F, count: count)
                bytes[place] = 0x80
                let isSpoilt = !bytes.rawSpan.isASCII
                #expect(isSpoilt)
            }
        }
    }

    @Test("a word is read with its first byte lowest")
    func word() {
        let bytes: [UInt8] = [9, 1, 2, 3, 4, 5, 6, 7, 8]
        #expect(bytes.rawSpan.word(at: 1) == 0x0807_0605_0403_0201)
    }

    @Test("literals and copies")
    func literals() {
        var bytes: [UInt8] = [1]
        bytes.append(copying: ("ab" as StaticString).rawSpan)
        bytes.append(copying: ("" as StaticString).rawSpan)
        #expect(bytes == [1, 0x61, 0x62])
    }
}
