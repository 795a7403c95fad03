import Bytes

/// Checks UTF-8 that arrives in pieces (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
package struct UTF8Validator: Sendable {
    /// Continuation bytes still due.
    private var due: UInt8 = 0
    /// What the next continuation byte may be; narrower than 0x80...0xBF after some first bytes.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    package init() {}

    /// Whether the text may end here.
    package var isComplete: Bool { due == 0 }

    /// Takes the next piece; false where no continuation can make the text valid again.
    package mutating func accept(_ bytes: RawSpan) -> Bool {
        var position = 0
        while position < bytes.byteCount {
            if due == 0 {
                while position <= bytes.byteCount - 8, bytes.word(at: position) & 0x8080_8080_8080_8080 == 0 {
                    position += 8
                }
                guard position < bytes.byteCount else { return true }
            }
            guard accept(bytes[position]) else { return false }
            position += 1
        }
        return true
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        if due > 0 {
            guard byte >= lowest, byte <= highest else { return false }
            expect(due - 1)
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: expect(1)
        case 0xE0: expect(2, from: 0xA0)
        case 0xED: expect(2, to: 0x9F)
        case 0xE1...0xEF: expect(2)
        case 0xF0: expect(3, from: 0x90)
        case 0xF4: expect(3, to: 0x8F)
        case 0xF1...0xF3: expect(3)
        default: return false
        }
        return true
    }

    private mutating func expect(_ count: UInt8, from lowest: UInt8 = 0x80, to highest: UInt8 = 0xBF) {
        due = count
        self.lowest = lowest
        self.highest = highest
    }
}

extension UTF8Validator {
    /// Whether `bytes` are UTF-8 from end to end.
    package static func isValid(_ bytes: RawSpan) -> Bool {
        var validator = UTF8Validator()
        return validator.accept(bytes) && validator.isComplete
    }
}
