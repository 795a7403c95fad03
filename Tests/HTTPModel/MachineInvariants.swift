import Bytes
import HTTP
import TestKit

/// What a machine told about its input, runs of body joined, so that cuts do not show.
private struct Transcript: Equatable {
    var lines: [String] = []
    var body: [UInt8] = []

    mutating func add(_ line: String) {
        if !body.isEmpty { lines.append("body \(body)") }
        body = []
        lines.append(line)
    }
}

/// A server that answers each request when it has read it says the same however its input is cut.
func checkServer(_ bytes: [UInt8]) throws(BrokenInvariant) {
    var failure: BrokenInvariant?
    _ = try requireSame(bytes, "server") { pieces in
        var transcript = Transcript()
        do throws(BrokenInvariant) {
            try runServer(pieces, &transcript)
        } catch {
            failure = error
        }
        return transcript
    }
    if let failure { throw failure }
}

private func runServer(_ pieces: [[UInt8]], _ transcript: inout Transcript) throws(BrokenInvariant) {
    var machine = ServerMachine()
    var head = RequestHead()
    var input: [UInt8] = []
    var isOver = false
    for piece in pieces + [[]] {
        input += piece
        if piece.isEmpty { _ = machine.inputEnded() }
        while !isOver {
            let bytes = input
            let step = machine.receive(bytes.rawSpan, into: &head)
            try require(step.consumed <= input.count, "more consumed than there was")
            input.removeFirst(step.consumed)
            switch step.event {
            case .needsInput: break
            case .body(let range):
                try require(range.upperBound <= step.consumed, "a body that was not consumed")
                transcript.body += bytes[range]
                continue
            case .request(let hasBody):
                transcript.add("\(head.method) \(head.fields.count) \(hasBody)")
                if hasBody { _ = machine.bodyWanted() } else { isOver = answer(&machine, &transcript) }
                continue
            case .bodyEnded, .refused:
                transcript.add("\(step.event)")
                isOver = answer(&machine, &transcript)
                continue
            case .drained: continue
            case .paused, .upgraded, .closed, .discarded:
                transcript.add("\(step.event)")
                isOver = true
            }
            break
        }
    }
}

/// Whether the connection is over after the answer.
private func answer(_ machine: inout ServerMachine, _ transcript: inout Transcript) -> Bool {
    let plan = machine.answer(.ok, .length(1))
    let order = machine.answerEnded()
    transcript.add("\(plan?.keepAlive ?? false) \(order)")
    return order != .receiveNext
}

/// A client reads the same answer however it is cut.
func checkClient(_ bytes: [UInt8]) throws(BrokenInvariant) {
    for method in [Method.get, .head] {
        _ = try requireSame(bytes, "client") { pieces in runClient(pieces, method) }
    }
}

private func runClient(_ pieces: [[UInt8]], _ method: Method) -> Transcript {
    var transcript = Transcript()
    var machine = ClientMachine()
    var head = ResponseHead()
    var input: [UInt8] = []
    precondition(machine.begin(method, isSent: true), "a fresh machine is free")
    var isOver = false
    for piece in pieces {
        input += piece
        while !isOver {
            let bytes = input
            let step = machine.receive(bytes.rawSpan, into: &head)
            input.removeFirst(step.consumed)
            switch step.event {
            case .needsInput: break
            case .body(let range):
                transcript.body += bytes[range]
                continue
            case .response, .interim:
                transcript.add("\(step.event) \(head.status.code) \(head.framing)")
                continue
            case .ended, .upgraded, .failed:
                transcript.add("\(step.event)")
                isOver = true
            }
            break
        }
    }
    if !isOver { transcript.add("\(machine.inputEnded().debugDescription)") }
    return transcript
}
