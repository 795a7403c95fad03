import Bytes
import HTTP
import TestKit

/// Requests are read the same however they are cut, and what was read survives being written and read again.
func checkRequests(_ bytes: [UInt8]) throws(BrokenInvariant) {
    let read = try requireSame(bytes, "requests") { pieces in
        var result = RequestReader.read(pieces)
        if result.error != nil { result.left = 0 }
        return result
    }
    for request in read.requests { try checkFraming(request) }
    if let first = read.requests.first, first.isComplete { try checkRoundTrip(bytes, first) }
}

private func checkFraming(_ request: ReadRequest) throws(BrokenInvariant) {
    switch request.framing {
    case .none: try require(request.body.isEmpty && request.isComplete, "a body out of nothing")
    case .length(let count):
        try require(request.body.count <= count, "more body than was announced")
        try require(request.isComplete == (request.body.count == count), "a counted body ends elsewhere")
    case .chunked: break
    case .untilClose: throw BrokenInvariant("a request that lasts until the close")
    }
    for segment in request.segments {
        try require(segment != "." && segment != "..", "a dot-segment in \(request.segments)")
        try require(
            !segment.unicodeScalars.contains { $0.value < 0x20 || $0 == "\\" || $0.value == 0x7F },
            "\(segment.debugDescription)")
    }
}

/// Writes the first request of `bytes` again and compares what comes back.
private func checkRoundTrip(_ bytes: [UInt8], _ first: ReadRequest) throws(BrokenInvariant) {
    var head = RequestHead()
    var parser = RequestParser()
    do {
        guard try parser.parse(bytes.rawSpan, into: &head) != nil else { throw BrokenInvariant("read once, not twice") }
        var output = ByteWriter()
        var target = ByteWriter()
        head.target.appendOriginForm(to: &target)
        let path = head.target.segmentCount > 0 ? Array(copying: target.bytes) : Array(copying: head.target.raw)
        var host: [UInt8] = []
        if let authority = head.authority { host = Array(copying: authority) }
        var encoder = RequestEncoder(head.method, body: first.framing == .chunked ? .stream : .length(first.body.count))
        encoder.closes = !first.keepAlive
        try encoder.encode(
            target: path.rawSpan, host: host.rawSpan, head.fields, into: &output)
        if first.framing == .chunked {
            ChunkedEncoder.append(first.body.rawSpan, to: &output)
            output.append(ChunkedEncoder.end)
        } else {
            output.append(first.body)
        }
        // Encoding may triple what it was read from.
        let limits = HeadLimits(maximumHeadBytes: 65535, maximumFieldCount: 80, maximumTargetBytes: 32768)
        let again = RequestReader.read([Array(copying: output.bytes)], limits: limits)
        try compare(again, first)
    } catch let error as BrokenInvariant {
        throw error
    } catch {
        throw BrokenInvariant("written again: \(error)")
    }
}

private func compare(_ again: ReadRequests, _ first: ReadRequest) throws(BrokenInvariant) {
    guard again.error == nil, again.left == 0, again.requests.count == 1 else {
        throw BrokenInvariant("read again: \(again)")
    }
    let second = again.requests[0]
    try require(second.isComplete, "incomplete when read again")
    try require(second.method == first.method, "method \(second.method)")
    try require(second.segments == first.segments, "segments \(second.segments), before: \(first.segments)")
    try require(second.body == first.body, "body")
    let own = ["host", "content-length", "transfer-encoding", "connection", "keep-alive", "expect"]
    func others(_ request: ReadRequest) -> [[String]] { request.fields.filter { !own.contains($0[0].lowercased()) } }
    try require(others(second) == others(first), "fields \(others(second)), before: \(others(first))")
}
