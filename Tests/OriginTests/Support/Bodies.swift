import Bytes
import Media

/// Tag bodies as an encoder sends them.
enum Bodies {
    /// Baseline, 320 × 240.
    static let avcConfiguration = video(
        0x17, 0,
        [
            0x01, 0x42, 0xC0, 0x0D, 0xFF, 0xE1, 0x00, 0x0B, 0x67, 0x42, 0xC0, 0x0D, 0x9A, 0x74, 0x0A, 0x0F, 0xD0, 0x80,
            0x00, 0x01, 0x00, 0x04, 0x68, 0xCE, 0x3C, 0x80,
        ])
    /// AAC LC, 44,100 Hz, stereo.
    static let aacConfiguration = SharedBytes([0xAF, 0, 0x12, 0x10])

    static func key(_ number: UInt8, size: Int = 64) -> SharedBytes {
        video(0x17, 1, [0, 0, 0, UInt8(size)] + Array(repeating: number, count: size))
    }

    static func inter(_ number: UInt8, size: Int = 16) -> SharedBytes {
        video(0x27, 1, [0, 0, 0, UInt8(size)] + Array(repeating: number, count: size))
    }

    static func sound(_ number: UInt8) -> SharedBytes { SharedBytes([0xAF, 1, number, number, number, number]) }

    private static func video(_ first: UInt8, _ packetType: UInt8, _ payload: [UInt8]) -> SharedBytes {
        SharedBytes([first, packetType, 0, 0, 0] + payload)
    }
}
