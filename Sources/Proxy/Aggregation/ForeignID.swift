import HTTPTransport
import Registry

/// The name that something at an origin has here: `<server>~<id>`, one segment of a path.
///
/// Names of origins may hold anything; what they call their streams and clients is of letters, digits and `-_.`, so
/// that the last `~` parts the two, and what is asked of an origin is a path that was meant.
struct ForeignID: Equatable {
    let origin: OriginID
    /// As the origin has it.
    let own: String

    private static let separator: Character = "~"
    private static let maximumBytes = 256

    init?(_ text: String) {
        guard let place = text.lastIndex(of: Self.separator) else { return nil }
        let own = text[text.index(after: place)...]
        guard place > text.startIndex, Self.isPlain(own) else { return nil }
        origin = OriginID(String(text[..<place]))
        self.own = String(own)
    }

    private static func isPlain(_ text: Substring) -> Bool {
        guard !text.isEmpty, text.utf8.count <= maximumBytes, text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "-_.".utf8.contains(byte)
            }
        }
    }

    /// What the origin has written as `own`, escapes of JSON included, as a string of JSON.
    static func json(_ own: some StringProtocol, of origin: OriginID) -> String {
        "\"\(JSONText.escaped(origin.text))\(separator)\(own)\""
    }
}
