import Bytes
import HTTP
import TestKit

/// What one end made of its input, and what it sent.
private struct WebSocketTranscript: Equatable {
    var events: [WebSocketMachine.Event] = []
    var sent: [UInt8] = []
}

/// A WebSocket says the same however its input is cut, and what it sends its peer understands.
func checkWebSocket(_ bytes: [UInt8], role: WebSocketRole) throws(BrokenInvariant) {
    let read = try requireSame(bytes, "WebSocket") { pieces in run(pieces, role) }
    let peer = run([read.sent], role == .server ? .client : .server)
    for event in peer.events {
        if case .failed(let error) = event { throw BrokenInvariant("the peer refuses what was sent: \(error)") }
    }
    for event in read.events {
        switch event {
        case .text(let text):
            try require(String(validating: text.array, as: UTF8.self) != nil, "text that is not UTF-8")
            try checkMessage(text, .text, role)
        case .binary(let bytes): try checkMessage(bytes, .binary, role)
        case .needsInput, .answered, .pong, .closed, .failed, .discarded: break
        }
    }
}

private func run(_ pieces: [[UInt8]], _ role: WebSocketRole) -> WebSocketTranscript {
    var machine = WebSocketMachine(role: role, limits: WebSocketMachine.Limits(maximumMessageBytes: 4096))
    var transcript = WebSocketTranscript()
    var output = ByteWriter()
    var input: [UInt8] = []
    for piece in pieces {
        input += piece
        while true {
            let bytes = input
            let step = machine.receive(bytes.rawSpan, output: &output, maskKey: 0x1234_5678)
            input.removeFirst(step.consumed)
            if step.event == .needsInput || step.event == .discarded { break }
            transcript.events.append(step.event)
        }
    }
    transcript.sent = Array(copying: output.bytes)
    return transcript
}

/// A message that came in goes out and in again unchanged.
private func checkMessage(_ message: SharedBytes, _ opcode: Opcode, _ role: WebSocketRole) throws(BrokenInvariant) {
    let sender = WebSocketMachine(role: role)
    var output = ByteWriter()
    let isSent = sender.send(opcode, message.bytes, maskKey: 0xA5A5_0F0F, to: &output)
    try require(isSent, "a fresh machine may send")
    let read = run([Array(copying: output.bytes)], role == .server ? .client : .server)
    try require(
        read.events == [opcode == .text ? .text(message) : .binary(message)], "a message came back as \(read.events)")
}
