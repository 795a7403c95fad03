import Bytes
import HTTP
import Testing

@Suite("ClientMachine") struct ClientMachineTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

    @Test("an answer is read and the connection is free again")
    func reusable() {
        var client = ClientUnderTest(.get)
        client.receive(Self.ok + "he")
        client.receive("llo")
        #expect(
            client.events == [
                .response(hasBody: true), .body(0..<2), .needsInput, .body(0..<3), .ended(reusable: true),
            ])
        #expect(client.machine.isIdle)
        let again = client.machine.begin(.get, isSent: true)
        #expect(again)
        client.receive("HTTP/1.1 204 X\r\n\r\n")
        #expect(client.events.suffix(2) == [.response(hasBody: false), .ended(reusable: true)])
    }

    @Test("one request at a time")
    func busy() {
        var client = ClientUnderTest(.get)
        let second = client.machine.begin(.get, isSent: true)
        #expect(!second)
    }

    @Test("the answer to HEAD has no body")
    func head() {
        var client = ClientUnderTest(.head)
        client.receive(Self.ok)
        #expect(client.events == [.response(hasBody: false), .ended(reusable: true)])
    }

    @Test("an answer without length ends with the connection")
    func untilClose() {
        var client = ClientUnderTest(.get)
        client.receive("HTTP/1.1 200 OK\r\n\r\nab")
        #expect(client.events == [.response(hasBody: true), .body(0..<2), .needsInput])
        #expect(client.machine.inputEnded() == .ended(reusable: false))
    }

    @Test(
        "the connection is given up where either side says so",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
        ])
    func givenUp(response: String, closes: Bool) {
        var client = ClientUnderTest(.get, closes: closes)
        client.receive(response)
        #expect(client.events.last == .ended(reusable: false))
        #expect(!client.machine.isIdle)
    }

    @Test("an answer before the request was whole ends the connection", arguments: [false, true])
    func early(ends: Bool) {
        var client = ClientUnderTest(.post, isSent: false)
        client.receive("HTTP/1.1 413 X\r\nContent-Length: 1\r\n\r\n")
        if ends { client.machine.requestEnded() }
        client.receive("x")
        #expect(client.events.last == .ended(reusable: ends))
    }

    @Test("interim responses come first, but not without end")
    func interim() {
        var client = ClientUnderTest(.put, isSent: false)
        client.receive("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        #expect(client.events == [.interim(.continue), .interim(Status(103)), .needsInput])
        for _ in 0..<6 { client.receive("HTTP/1.1 102 Processing\r\n\r\n") }
        client.receive("HTTP/1.1 102 Processing\r\n\r\n")
        #expect(client.events.last == .failed(.tooManyInterimResponses))
    }

    @Test("101 is for a client that asked", arguments: [true, false])
    func upgrade(asked: Bool) {
        var client = ClientUnderTest(.get, upgrades: asked)
        client.receive("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nraw")
        #expect(client.events.last == (asked ? .upgraded : .failed(.unsolicited)))
        if asked { #expect(client.input.count == 3) }
    }

    @Test("a tunnel begins with 2xx")
    func connect() {
        var client = ClientUnderTest(.connect)
        client.receive("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nraw")
        #expect(client.events.last == .upgraded)
        #expect(client.input.count == 3)
    }

    @Test("bytes that answer nothing end the connection")
    func unsolicited() {
        var client = ClientUnderTest(.get)
        client.receive(Self.ok + "helloX")
        #expect(client.events.last == .ended(reusable: true))
        client.receive("")
        #expect(client.events.last == .failed(.unsolicited))
        #expect(!client.machine.isIdle)
    }

    @Test("a broken answer fails")
    func malformed() {
        var client = ClientUnderTest(.get)
        client.receive("HTTP/1.1 2x0 OK\r\n")
        #expect(client.events.last == .failed(.malformed(.malformedStatusLine)))
        var other = ClientUnderTest(.get)
        other.receive("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz")
        #expect(other.events.last == .failed(.malformed(.invalidChunkSize)))
    }

    @Test("a body is bounded once its head has come, at once where its length is known")
    func bounded() throws {
        var client = ClientUnderTest(.get)
        client.receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        try client.machine.limitBody(to: 5)
        client.receive("hello")
        #expect(client.events.last == .ended(reusable: true))
        var known = ClientUnderTest(.get)
        known.receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        #expect(throws: HTTPParseError.bodyTooLarge(maximum: 4)) { try known.machine.limitBody(to: 4) }
        known.receive("hello")
        #expect(known.events.last == .failed(.unsolicited), "the connection is of no use")
        var unknown = ClientUnderTest(.get)
        unknown.receive("HTTP/1.1 200 OK\r\n\r\n")
        try unknown.machine.limitBody(to: 4)
        unknown.receive("hello")
        #expect(unknown.events.last == .failed(.malformed(.bodyTooLarge(maximum: 4))))
    }

    @Test(
        "the end of the input means what the state makes of it",
        arguments: [
            ("", ClientMachine.Event.failed(.closedWithoutAnswer)), ("HTTP/1.1 2", .failed(.malformed(.truncated))),
            ("HTTP/1.1 100 Continue\r\n\r\n", .failed(.closedWithoutAnswer)),
            (ok + "hel", .failed(.malformed(.truncated))),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n", .failed(.malformed(.truncated))),
            (ok + "hello", nil), ("HTTP/1.1 200 OK\r\n\r\n", .ended(reusable: false)),
        ] as [(String, ClientMachine.Event?)])
    func inputEnded(text: String, expected: ClientMachine.Event?) {
        var client = ClientUnderTest(.get)
        client.receive(text)
        #expect(client.machine.inputEnded() == expected)
        #expect(!client.machine.isIdle)
        #expect(client.machine.inputEnded() == nil)
    }
}

/// Every event in every state.
@Suite("ClientMachine, state by event") struct ClientMachineTableTests {
    enum State: String, CaseIterable {
        case idle, awaiting, body, upgraded, closed
    }

    private static func client(in state: State) -> ClientUnderTest {
        var client = ClientUnderTest(.get, isSent: state != .awaiting && state != .body, upgrades: state == .upgraded)
        switch state {
        case .idle: client.receive("HTTP/1.1 204 X\r\n\r\n")
        case .awaiting: break
        case .body: client.receive(ClientMachineTests.ok)
        case .upgraded: client.receive("HTTP/1.1 101 X\r\n\r\n")
        case .closed: _ = client.machine.inputEnded()
        }
        return client
    }

    struct Row: Sendable {
        let state: State
        /// Whether `begin` is accepted.
        let begins: Bool
        let ended: ClientMachine.Event?
        /// What a byte that begins no response means.
        let byte: ClientMachine.Event
        /// Whether, once the request is sent, a whole body leaves the connection free.
        let frees: Bool?
    }

    static let table = [
        Row(state: .idle, begins: true, ended: nil, byte: .failed(.unsolicited), frees: nil),
        Row(
            state: .awaiting, begins: false, ended: .failed(.closedWithoutAnswer),
            byte: .failed(.malformed(.malformedStatusLine)), frees: nil),
        Row(state: .body, begins: false, ended: .failed(.malformed(.truncated)), byte: .needsInput, frees: true),
        Row(state: .upgraded, begins: false, ended: nil, byte: .upgraded, frees: nil),
        Row(state: .closed, begins: false, ended: nil, byte: .failed(.unsolicited), frees: nil),
    ]

    @Test("each event does as the table says", arguments: table)
    func events(row: Row) {
        var beginning = Self.client(in: row.state)
        let begins = beginning.machine.begin(.get, isSent: true)
        #expect(begins == row.begins)
        var ending = Self.client(in: row.state)
        #expect(ending.machine.inputEnded() == row.ended)
        var receiving = Self.client(in: row.state)
        receiving.receive("x")
        #expect(receiving.events.last == row.byte)
        guard let frees = row.frees else { return }
        var sending = Self.client(in: row.state)
        sending.machine.requestEnded()
        sending.receive("hello")
        #expect(sending.machine.isIdle == frees)
    }

    @Test("the table names every state")
    func complete() { #expect(Self.table.map(\.state) == State.allCases) }
}

/// A machine with a request under way and the input of its connection.
struct ClientUnderTest {
    var machine: ClientMachine
    var head = ResponseHead()
    var input: [UInt8] = []
    private(set) var events: [ClientMachine.Event] = []

    init(_ method: Method, isSent: Bool = true, closes: Bool = false, upgrades: Bool = false) {
        machine = ClientMachine()
        let isBegun = machine.begin(method, isSent: isSent, closes: closes, upgrades: upgrades)
        precondition(isBegun, "a fresh machine is free")
    }

    mutating func receive(_ text: String) {
        input += Array(text.utf8)
        while true {
            let bytes = input
            let step = machine.receive(bytes.rawSpan, into: &head)
            input.removeFirst(step.consumed)
            events.append(step.event)
            switch step.event {
            case .interim, .response, .body: continue
            case .needsInput, .ended, .upgraded, .failed: return
            }
        }
    }
}
