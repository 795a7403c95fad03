import Bytes
package import HTTP

/// What a parser made of one request, in a form that can be compared and printed.
package struct ReadRequest: Equatable, Sendable {
    package var method: String
    package var target: String
    package var segments: [String]
    package var version: Version
    package var fields: [[String]]
    package var framing: BodyFraming
    package var keepAlive: Bool
    package var expectsContinue: Bool
    package var upgrade: UpgradeWish
    package var body: [UInt8] = []
    package var isComplete = false

    package init(_ head: RequestHead) {
        method = head.method.description
        target = String(copying: head.target.raw)
        segments = (0..<head.target.segmentCount).map { head.target.segmentText($0) }
        version = head.version
        fields = head.fields.list
        framing = head.framing
        keepAlive = head.keepAlive
        expectsContinue = head.expectsContinue
        upgrade = head.upgrade
    }
}

extension Fields {
    /// Names and values in order.
    package var list: [[String]] {
        (0..<count).map { [String(copying: name(at: $0)), String(copying: value(at: $0))] }
    }
}

/// Everything a parser made of the bytes of one connection.
package struct ReadRequests: Equatable, Sendable {
    package var requests: [ReadRequest] = []
    package var error: HTTPParseError?
    /// Bytes behind the last complete request.
    package var left = 0

    package mutating func addBody(_ bytes: [UInt8]) { requests[requests.count - 1].body += bytes }

    package mutating func finishRequest() { requests[requests.count - 1].isComplete = true }
}
