import Bytes
import HTTP
import Testing

@Suite("ServerMachine") struct ServerMachineTests {
    static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    static let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
    static let expecting = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    static let chunked = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    static let upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"

    @Test("a request is answered and the next one, already there, follows")
    func pipelined() {
        var server = ServerUnderTest()
        server.receive(Self.get + Self.get)
        #expect(server.events == [.request(hasBody: false), .paused])
        #expect(server.machine.waitsFor == .answer)
        #expect(server.answer(.ok, .length(2))?.keepAlive == true)
        #expect(server.machine.answerEnded() == .receiveNext)
        server.receive("")
        #expect(server.events.suffix(2) == [.request(hasBody: false), .paused])
    }

    @Test("a body comes in runs and then ends")
    func body() {
        var server = ServerUnderTest()
        server.receive(Self.post + "he")
        #expect(server.events == [.request(hasBody: true), .body(0..<2), .needsInput])
        #expect(server.machine.waitsFor == .body)
        server.receive("lloX")
        #expect(server.events.suffix(3) == [.body(0..<3), .bodyEnded, .paused])
        #expect(server.machine.waitsFor == .answer)
        #expect(server.input.count == 1)
    }

    @Test("a chunked body ends with its last chunk, also where no data are left")
    func chunkedBody() {
        var server = ServerUnderTest()
        server.receive(Self.chunked + "1\r\na\r\n")
        server.receive("0\r\n\r\n")
        #expect(server.events == [.request(hasBody: true), .body(3..<4), .needsInput, .bodyEnded, .paused])
    }

    @Test("a refused head needs one answer and a close")
    func refusedHead() {
        var server = ServerUnderTest()
        server.receive("GET / HTTP/3.0\r\n")
        #expect(server.events == [.refused(.unsupportedVersion, answerable: true), .paused])
        let plan = server.answer(.versionNotSupported, .length(1))
        #expect(plan?.keepAlive == false)
        #expect(plan?.sendsBody == true)
        #expect(server.machine.answerEnded() == .close)
        #expect(server.machine.isClosed)
        server.receive("anything")
        #expect(server.events.last == .discarded)
    }

    @Test("a refused body can be answered only where no answer has begun", arguments: [true, false])
    func refusedBody(begun: Bool) {
        var server = ServerUnderTest()
        server.receive(Self.chunked)
        if begun { #expect(server.answer(.ok, .stream) != nil) }
        server.receive("x\r\n")
        #expect(server.events.suffix(2) == [.refused(.invalidChunkSize, answerable: !begun), .paused])
        if !begun { #expect(server.answer(.badRequest, .none)?.keepAlive == false) }
        #expect(server.machine.answerEnded() == .close)
    }

    @Test("a body nobody read is drained when it is small")
    func drained() {
        var server = ServerUnderTest()
        server.receive(Self.post + "h")
        #expect(server.answer(.ok, .none)?.keepAlive == true)
        #expect(server.machine.answerEnded() == .receiveNext)
        #expect(server.machine.waitsFor == .body)
        server.receive("el")
        server.receive("lo" + Self.get)
        #expect(server.events.suffix(3) == [.drained, .request(hasBody: false), .paused])
    }

    @Test("a body nobody read ends the connection when it is long, and the answer says so")
    func tooLongToDrain() {
        var server = ServerUnderTest(limits: ServerMachine.Limits(maximumDrainBytes: 4))
        server.receive(Self.post)
        #expect(server.answer(.ok, .none)?.keepAlive == false)
        #expect(server.machine.answerEnded() == .close)
    }

    @Test("a chunked body nobody read is drained up to the bound")
    func chunkedDrain() {
        var server = ServerUnderTest(limits: ServerMachine.Limits(maximumDrainBytes: 10))
        server.receive(Self.chunked)
        #expect(server.answer(.ok, .none)?.keepAlive == true)
        #expect(server.machine.answerEnded() == .receiveNext)
        server.receive("4\r\nabcd\r\n")
        #expect(server.events.last == .needsInput)
        server.receive("4\r\nabcd\r\n")
        #expect(server.events.last == .closed)
        #expect(server.machine.isClosed)
    }

    @Test("a broken body that is being drained closes")
    func brokenDrain() {
        var server = ServerUnderTest()
        server.receive(Self.chunked)
        _ = server.answer(.ok, .none)
        #expect(server.machine.answerEnded() == .receiveNext)
        server.receive("x")
        #expect(server.events.last == .closed)
    }

    @Test("a client that waits is told to go on once, and only when the body is wanted")
    func expectation() {
        var server = ServerUnderTest()
        server.receive(Self.expecting)
        let first = server.machine.bodyWanted()
        let second = server.machine.bodyWanted()
        #expect(first && !second)
        #expect(server.answer(.ok, .none)?.keepAlive == true)
    }

    @Test("a client that was not told to go on cannot be kept")
    func expectationRefused() {
        var server = ServerUnderTest()
        server.receive(Self.expecting)
        #expect(server.answer(.unauthorized, .none)?.keepAlive == false)
        let wanted = server.machine.bodyWanted()
        #expect(!wanted)
        #expect(server.machine.answerEnded() == .close)
    }

    @Test("a client that sends its body without waiting needs no telling")
    func expectationIgnored() {
        var server = ServerUnderTest()
        server.receive(Self.expecting + "hello")
        let wanted = server.machine.bodyWanted()
        #expect(!wanted)
        #expect(server.answer(.ok, .none)?.keepAlive == true)
        #expect(server.machine.answerEnded() == .receiveNext)
        #expect(server.machine.waitsFor == .request)
    }

    @Test("a route's bound refuses a counted body at once and a chunked one when it gets there")
    func limited() throws {
        var server = ServerUnderTest()
        server.receive(Self.post)
        #expect(throws: HTTPParseError.bodyTooLarge(maximum: 4)) { try server.machine.limitBody(to: 4) }
        #expect(server.answer(.contentTooLarge, .none)?.keepAlive == false)
        #expect(server.machine.answerEnded() == .close)

        var other = ServerUnderTest()
        other.receive(Self.chunked)
        try other.machine.limitBody(to: 4)
        other.receive("5\r\n")
        #expect(other.events.suffix(2) == [.refused(.bodyTooLarge(maximum: 4), answerable: true), .paused])
    }

    @Test("101 hands the connection over, and only to who asked")
    func upgraded() {
        var server = ServerUnderTest()
        server.receive(Self.upgrade + "raw")
        #expect(server.answer(.switchingProtocols, .none) != nil)
        #expect(server.machine.answerEnded() == .handOver)
        server.receive("")
        #expect(server.events.last == .upgraded)
        #expect(server.input.count == 3)

        var other = ServerUnderTest()
        other.receive(Self.get)
        #expect(other.answer(.switchingProtocols, .none) == nil)
        #expect(other.answer(.ok, .none) != nil)
    }

    @Test("an answer is given once")
    func answeredOnce() {
        var server = ServerUnderTest()
        #expect(server.answer(.ok, .none) == nil)
        server.receive(Self.get)
        #expect(server.machine.answerEnded() == .none)
        #expect(server.answer(.ok, .none) != nil)
        #expect(server.answer(.ok, .none) == nil)
    }

    @Test("requests that were sent before the client closed its side are all answered")
    func halfClosed() {
        var server = ServerUnderTest()
        server.receive(Self.get + Self.get)
        #expect(server.machine.inputEnded() == .none)
        _ = server.answer(.ok, .none)
        #expect(server.machine.answerEnded() == .receiveNext)
        server.receive("")
        #expect(server.events.suffix(2) == [.request(hasBody: false), .paused])
        _ = server.answer(.ok, .none)
        #expect(server.machine.answerEnded() == .receiveNext)
        server.receive("")
        #expect(server.events.last == .closed)
    }

    @Test("a body cut short by the client is refused", arguments: [true, false])
    func cutShort(begun: Bool) {
        var server = ServerUnderTest()
        server.receive(Self.post + "he")
        if begun { _ = server.answer(.ok, .stream) }
        #expect(server.machine.inputEnded() == .receiveNext)
        server.receive("")
        #expect(server.events.suffix(2) == [.refused(.truncated, answerable: !begun), .paused])
    }

    @Test(
        "an HTTP/1.0 client is kept only where it asked for it",
        arguments: [("", false), ("Connection: keep-alive\r\n", true)])
    func http10(field: String, keepAlive: Bool) {
        var server = ServerUnderTest()
        server.receive("GET / HTTP/1.0\r\n\(field)\r\n")
        #expect(server.answer(.ok, .length(1))?.keepAlive == keepAlive)
    }
}

/// Every event in every state: what is ordered, and whether the connection is over then.
@Suite("ServerMachine, state by event") struct ServerMachineTableTests {
    enum State: String, CaseIterable {
        case idle, head, body, answering, answeringBody, draining, upgraded, closed
    }

    enum Event: String, CaseIterable {
        case inputEnded, timedOut, shutDown, answerEnded, answerFailed
    }

    private static func server(in state: State) -> ServerUnderTest {
        var server = ServerUnderTest()
        switch state {
        case .idle: break
        case .head: server.receive("GET /")
        case .body: server.receive(ServerMachineTests.post)
        case .answering:
            server.receive(ServerMachineTests.get)
            _ = server.answer(.ok, .stream)
        case .answeringBody:
            server.receive(ServerMachineTests.post)
            _ = server.answer(.ok, .stream)
        case .draining:
            server.receive(ServerMachineTests.post)
            _ = server.answer(.ok, .none)
            _ = server.machine.answerEnded()
        case .upgraded:
            server.receive(ServerMachineTests.upgrade)
            _ = server.answer(.switchingProtocols, .none)
            _ = server.machine.answerEnded()
        case .closed: _ = server.machine.shutDown()
        }
        return server
    }

    /// Orders in the sequence of `Event.allCases`; a star marks those after which the connection is over.
    static let table: [(State, [(ServerMachine.Order, isClosed: Bool)])] = [
        (.idle, [(.receiveNext, false), (.close, true), (.close, true), (.none, false), (.none, false)]),
        (
            .head,
            [(.receiveNext, false), (.answer(.requestTimeout), false), (.none, false), (.none, false), (.none, false)]
        ),
        (
            .body,
            [(.receiveNext, false), (.answer(.requestTimeout), false), (.none, false), (.none, false), (.abort, true)]
        ),
        (.answering, [(.none, false), (.none, false), (.none, false), (.receiveNext, false), (.abort, true)]),
        (
            .answeringBody,
            [(.receiveNext, false), (.abort, true), (.none, false), (.receiveNext, false), (.abort, true)]
        ),
        (.draining, [(.receiveNext, false), (.close, true), (.close, true), (.none, false), (.none, false)]),
        (.upgraded, [(.none, false), (.none, false), (.none, false), (.none, false), (.none, false)]),
        (.closed, [(.none, true), (.none, true), (.none, true), (.none, true), (.none, true)]),
    ]

    @Test("each event is answered as the table says", arguments: table)
    func orders(state: State, expected: [(ServerMachine.Order, isClosed: Bool)]) {
        #expect(expected.count == Event.allCases.count)
        for (event, expected) in zip(Event.allCases, expected) {
            var server = Self.server(in: state)
            let order =
                switch event {
                case .inputEnded: server.machine.inputEnded()
                case .timedOut: server.machine.timedOut()
                case .shutDown: server.machine.shutDown()
                case .answerEnded: server.machine.answerEnded()
                case .answerFailed: server.machine.answerFailed()
                }
            #expect(order == expected.0, "\(state) \(event)")
            #expect(server.machine.isClosed == expected.isClosed, "\(state) \(event)")
        }
    }

    @Test("the table names every state")
    func complete() { #expect(Self.table.map(\.0) == State.allCases) }

    @Test("once shut down, what is asked is answered with a close", arguments: [State.head, .body, .answering])
    func shutDown(state: State) {
        var server = Self.server(in: state)
        _ = server.machine.shutDown()
        switch state {
        case .head: server.receive(" HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        case .body: server.receive("hello")
        default: break
        }
        if state != .answering { #expect(server.answer(.ok, .none)?.keepAlive == false) }
        #expect(server.machine.answerEnded() == .close)
    }
}

/// A machine with the input of its connection.
struct ServerUnderTest {
    var machine: ServerMachine
    var head = RequestHead()
    var input: [UInt8] = []
    private(set) var events: [ServerMachine.Event] = []

    init(limits: ServerMachine.Limits = ServerMachine.Limits()) { machine = ServerMachine(limits: limits) }

    /// Feeds the machine until it wants no more of what there is.
    mutating func receive(_ text: String) {
        input += Array(text.utf8)
        while true {
            let bytes = input
            let step = machine.receive(bytes.rawSpan, into: &head)
            input.removeFirst(step.consumed)
            events.append(step.event)
            switch step.event {
            case .request, .body, .bodyEnded, .refused, .drained: continue
            case .needsInput, .paused, .upgraded, .closed, .discarded: return
            }
        }
    }

    mutating func answer(_ status: Status, _ body: OutgoingBody) -> ResponsePlan? { machine.answer(status, body) }
}
