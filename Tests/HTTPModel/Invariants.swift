import HTTP
import TestKit

/// What must hold for every input whatever; the first byte chooses what reads the rest.
package func checkHTTP(_ input: [UInt8]) throws(BrokenInvariant) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch choice % 6 {
    case 0: try checkRequests(bytes)
    case 1: try checkServer(bytes)
    case 2: try checkClient(bytes)
    case 3: try checkWebSocket(bytes, role: .server)
    case 4: try checkWebSocket(bytes, role: .client)
    default: try checkValues(bytes)
    }
}

/// Some ways to cut `bytes`: whole, byte by byte, and in random pieces, the same ones for the same bytes.
func cuts(of bytes: [UInt8]) -> [[[UInt8]]] {
    var generator = SplitMix(seed: bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
    return [
        [bytes], bytes.map { [$0] }, bytes.pieces(largest: 5, using: &generator),
        bytes.pieces(largest: max(1, bytes.count / 2), using: &generator),
    ]
}

/// Runs `read` on every cut and requires that the results are the same.
func requireSame<Result: Equatable>(
    _ bytes: [UInt8], _ what: String, _ read: ([[UInt8]]) -> Result
) throws(BrokenInvariant) -> Result {
    let ways = cuts(of: bytes)
    let whole = read(ways[0])
    for pieces in ways.dropFirst() {
        let other = read(pieces)
        try require(other == whole, "\(what) cut into \(pieces.map(\.count)): \(other), whole: \(whole)")
    }
    return whole
}
