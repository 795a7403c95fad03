import Foundation

/// What real programs sent over loopback, from the first byte on, one direction each.
///
/// Recorded between ffmpeg 5.1, rtmpdump 2.4 (librtmp) and nginx 1.22 with its rtmp module 1.2; long ones are cut off.
/// In hexadecimal.
enum RecordedSession: String, CaseIterable {
    case ffmpegPublishes = "ffmpeg-publishes"
    /// nginx's half of the same connection.
    case nginxAccepts = "nginx-accepts"
    case ffmpegPlays = "ffmpeg-plays"
    /// nginx's half of the same connection.
    case nginxServes = "nginx-serves"
    case librtmpPlays = "librtmp-plays"

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    func bytes() throws -> [UInt8] {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("\(rawValue).hex"), encoding: .utf8)
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Of C0 and C1, or S0 and S1; and of C2 or S2.
    static let helloBytes = 1537
    static let answerBytes = 1536

    /// What comes after the handshake.
    func chunks() throws -> [UInt8] { Array(try bytes().dropFirst(Self.helloBytes + Self.answerBytes)) }
}
