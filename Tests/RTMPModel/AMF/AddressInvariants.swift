import Bytes
import Media
import RTMP
import TestKit

/// The first three lines are `tcUrl`, application and name: whatever they say, a key is safe, has one text, and does
/// not depend on where the path is cut.
func checkAddress(_ bytes: [UInt8]) throws(BrokenInvariant) {
    let lines = bytes.split(separator: 10, maxSplits: 2, omittingEmptySubsequences: false).map {
        AMFString(copying: Array($0).rawSpan)
    }
    guard lines.count == 3 else { return }
    guard let address = try? StreamAddress(tcUrl: lines[0], app: lines[1], name: lines[2]) else { return }
    let text = address.key.description
    let parsed = try? StreamKey(parsing: text)
    try require(parsed == address.key, "\(text) is no text of its key")
    for byte in text.utf8 { try require(byte >= 0x20 && byte != 0x7F && byte != 0x5C, "\(text) holds \(byte)") }
    let segments = pieces(text)
    try require(segments.count >= 3 && !segments.contains { [[], [46], [46, 46]].contains($0) }, "\(text) climbs")
    try checkCuts(address.key)
}

/// The key's own path, encoded so that nothing in it means anything, cut at each of its slashes.
private func checkCuts(_ key: StreamKey) throws(BrokenInvariant) {
    let path = pieces("\(key.app)/\(key.stream)").map { encoded($0) }
    for cut in 0...path.count {
        let app = path[..<cut].joined(separator: "/")
        let name = path[cut...].joined(separator: "/")
        let tcUrl = AMFString("rtmp://host:1/?vhost=\(encoded(Array(key.vhost.utf8)))")
        let again = try? StreamAddress(tcUrl: tcUrl, app: AMFString(app), name: AMFString(name))
        try require(again?.key == key, "\(key) cut into \(app) and \(name) is \(String(describing: again))")
    }
}

/// Cut by bytes, as everybody has to: a slash and a combining mark behind it are one character.
private func pieces(_ text: String) -> [[UInt8]] {
    text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
}

private func encoded(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
    }.joined()
}
