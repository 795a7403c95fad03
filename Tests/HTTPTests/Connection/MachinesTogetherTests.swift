import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

/// A client and a server joined by two pipes that cut what they carry at random places.
@Suite("ClientMachine and ServerMachine") struct MachinesTogetherTests {
    @Test("what one sends the other understands, however it is cut", arguments: 0..<60)
    func conversation(seed: UInt64) throws {
        var link = Link(seed: seed)
        for number in 0..<12 {
            let exchange = Exchange(random: &link.generator, serverCloses: number == 11)
            let isComplete = try link.run(exchange)
            #expect(isComplete)
            link.check(exchange)
            if !link.isOpen { break }
        }
    }
}

/// One request and the answer to it, as both sides should see them.
private struct Exchange {
    let method: Method
    let requestBody: [UInt8]
    let isRequestChunked: Bool
    let expects: Bool
    /// Whether the server reads the body, or answers without having looked at it.
    let isBodyRead: Bool
    let status: Status
    let responseBody: [UInt8]
    let isResponseChunked: Bool
    let serverCloses: Bool

    init(random generator: inout SplitMix, serverCloses: Bool) {
        let hasBody = Bool.random(using: &generator)
        let methods: [Method] = hasBody ? [.post, .put, .patch] : [.get, .head, .delete]
        method = methods.randomElement(using: &generator)!
        requestBody = hasBody ? Self.bytes(1...3000, &generator) : []
        isRequestChunked = Bool.random(using: &generator)
        isBodyRead = Int.random(in: 0..<4, using: &generator) > 0
        expects = isBodyRead && Bool.random(using: &generator)
        status = [Status.ok, .created, .noContent, .notFound, .notModified].randomElement(using: &generator)!
        responseBody = Self.bytes(0...3000, &generator)
        isResponseChunked = Bool.random(using: &generator)
        self.serverCloses = serverCloses
    }

    private static func bytes(_ count: ClosedRange<Int>, _ generator: inout SplitMix) -> [UInt8] {
        (0..<Int.random(in: count, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    var hasBody: Bool { !requestBody.isEmpty }
}

private struct Link {
    var generator: SplitMix
    private var client = ClientMachine()
    private var server = ServerMachine()
    private var toServer = Pipe()
    private var toClient = Pipe()
    private(set) var isOpen = true

    private var request = RequestHead()
    private var response = ResponseHead()
    private var received: [UInt8] = []
    private var answer: [UInt8] = []
    private var isAnswered = false

    init(seed: UInt64) { generator = SplitMix(seed: seed) }

    /// Carries bytes to and fro until the client has the whole answer; false where something went wrong.
    mutating func run(_ exchange: Exchange) throws -> Bool {
        received = []
        answer = []
        isAnswered = false
        try sendRequest(exchange)
        for _ in 0..<10_000 {
            toServer.carry(Int.random(in: 1...400, using: &generator))
            toClient.carry(Int.random(in: 1...400, using: &generator))
            guard serve(exchange) else { return false }
            if let isComplete = read(exchange) { return isComplete }
        }
        Issue.record("both sides wait for each other")
        return false
    }

    func check(_ exchange: Exchange) {
        #expect(request.method == exchange.method)
        if exchange.isBodyRead { #expect(received == exchange.requestBody) }
        #expect(response.status == exchange.status)
        let hasBody = exchange.method != .head && !exchange.status.forbidsBody
        #expect(answer == (hasBody ? exchange.responseBody : []))
    }
}

private struct Pipe {
    /// Sent and not arrived.
    var underWay: [UInt8] = []
    /// Arrived and not consumed.
    var arrived: [UInt8] = []

    /// Lets up to `count` bytes arrive.
    mutating func carry(_ count: Int) {
        arrived += underWay.prefix(count)
        underWay.removeFirst(min(count, underWay.count))
    }
}

// MARK: - The server

extension Link {
    /// Feeds the server with what has arrived; false where it complains.
    private mutating func serve(_ exchange: Exchange) -> Bool {
        while true {
            let input = toServer.arrived
            let step = server.receive(input.rawSpan, into: &request)
            toServer.arrived.removeFirst(step.consumed)
            switch step.event {
            case .needsInput, .paused: return true
            case .request(let hasBody):
                if !hasBody || !exchange.isBodyRead {
                    sendResponse(exchange)
                } else if server.bodyWanted() {
                    toClient.underWay += Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
                }
            case .body(let range): received += input[range]
            case .bodyEnded: sendResponse(exchange)
            case .drained: continue
            case .refused, .upgraded, .closed, .discarded:
                // After a close has been agreed on, what was still under way is dropped.
                if !isOpen { return true }
                Issue.record("the server says \(step.event)")
                return false
            }
        }
    }

    private mutating func sendResponse(_ exchange: Exchange) {
        guard !isAnswered else { return }
        isAnswered = true
        let body: OutgoingBody = exchange.isResponseChunked ? .stream : .length(exchange.responseBody.count)
        guard let plan = server.answer(exchange.status, body, close: exchange.serverCloses) else {
            Issue.record("the server may answer once")
            return
        }
        var output = ByteWriter()
        ResponseEncoder.encode(plan, Fields(), date: "".bytes.rawSpan, into: &output)
        if plan.sendsBody { append(exchange.responseBody, chunked: plan.framing == .chunked, to: &output) }
        toClient.underWay += Array(copying: output.bytes)
        if server.answerEnded() == .close { isOpen = false }
    }

    private mutating func append(_ body: [UInt8], chunked: Bool, to output: inout ByteWriter) {
        guard chunked else { return output.append(body) }
        for piece in body.pieces(largest: 700, using: &generator) { ChunkedEncoder.append(piece.rawSpan, to: &output) }
        output.append(ChunkedEncoder.end)
    }
}

// MARK: - The client

extension Link {
    private mutating func sendRequest(_ exchange: Exchange) throws {
        var encoder = RequestEncoder(exchange.method)
        if exchange.hasBody { encoder.body = exchange.isRequestChunked ? .stream : .length(exchange.requestBody.count) }
        encoder.expectsContinue = exchange.hasBody && exchange.expects
        var output = ByteWriter()
        try encoder.encode(target: "/x".bytes.rawSpan, host: "h".bytes.rawSpan, Fields(), into: &output)
        toServer.underWay += Array(copying: output.bytes)
        let isBegun = client.begin(exchange.method, isSent: !exchange.hasBody)
        #expect(isBegun)
        if exchange.hasBody, !exchange.expects { sendRequestBody(exchange) }
    }

    private mutating func sendRequestBody(_ exchange: Exchange) {
        var output = ByteWriter()
        append(exchange.requestBody, chunked: exchange.isRequestChunked, to: &output)
        toServer.underWay += Array(copying: output.bytes)
        client.requestEnded()
    }

    /// Feeds the client with what has arrived; nil until the answer has ended, then whether all went well.
    private mutating func read(_ exchange: Exchange) -> Bool? {
        while true {
            let input = toClient.arrived
            let step = client.receive(input.rawSpan, into: &response)
            toClient.arrived.removeFirst(step.consumed)
            switch step.event {
            case .needsInput: return nil
            case .interim(let status):
                #expect(status == .continue)
                sendRequestBody(exchange)
            case .response: continue
            case .body(let range): answer += input[range]
            case .ended(let reusable):
                #expect(reusable == isOpen)
                return true
            case .upgraded, .failed:
                Issue.record("the client says \(step.event)")
                return false
            }
        }
    }
}
