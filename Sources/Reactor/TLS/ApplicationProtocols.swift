/// A list of ALPN names, the most wanted first (RFC 7301).
struct ApplicationProtocols: Sendable {
    private let names: [[UInt8]]

    init(_ names: [String]) throws(TLSConfigurationProblem) {
        for name in names where !(1...255).contains(name.utf8.count) { throw .invalidApplicationProtocol(name) }
        self.names = names.map { Array($0.utf8) }
    }

    /// The list as it lies on the wire: each name with a length of one byte in front (RFC 7301 §3.1).
    var wire: [UInt8] { names.flatMap { [UInt8($0.count)] + $0 } }

    /// Where in `offer`, another list as it lies on the wire, the first of our names stands; nil where none does.
    func firstCommon(with offer: some RandomAccessCollection<UInt8>) -> Range<Int>? {
        for name in names {
            var rest = offer[...]
            while let length = rest.popFirst(), rest.count >= Int(length) {
                let candidate = rest.prefix(Int(length))
                if candidate.elementsEqual(name) {
                    let start = offer.distance(from: offer.startIndex, to: candidate.startIndex)
                    return start..<(start + name.count)
                }
                rest = rest.dropFirst(Int(length))
            }
        }
        return nil
    }
}
