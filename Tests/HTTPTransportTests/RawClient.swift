import Glibc
import TestKit

/// A client that says exactly the bytes a test wants said, on a blocking socket; every wait has a bound.
///
/// It shares no code with what it tests.
final class RawClient {
    enum Failure: Error, Equatable {
        /// The server broke the connection off.
        case reset
        case endedEarly(after: Substring)
        /// The beginning of what could not be understood.
        case malformed(String.SubSequence)
        case tooSlow(having: Int)
    }

    private let socket: LoopbackSocket
    private var buffer: [UInt8] = []
    private(set) var isAtEnd = false

    /// Connects to 127.0.0.1. A small `receiveBuffer` lets a server feel early that nobody reads.
    init(port: UInt16, receiveBuffer: CInt? = nil, patience: Int = 20) throws {
        socket = try LoopbackSocket(port: port, receiveBuffer: receiveBuffer, patience: patience)
    }

    // MARK: - Sending

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws { try socket.send(bytes) }

    /// FIN: nothing more will be sent.
    func finish() { socket.finish() }

    /// RST: the connection is gone at once.
    func reset() { socket.reset() }

    // MARK: - Receiving

    /// The beginning of what has been received and not taken.
    private var received: Substring { String(decoding: buffer.prefix(200), as: UTF8.self)[...] }

    /// Reads once; false at the end of what the server sends.
    private func fill() throws -> Bool {
        guard !isAtEnd else { return false }
        do {
            buffer += try socket.receive()
            return true
        } catch LoopbackSocket.Failure.ended {
            isAtEnd = true
            return false
        } catch LoopbackSocket.Failure.tooSlow {
            throw Failure.tooSlow(having: buffer.count)
        } catch {
            throw Failure.reset
        }
    }

    /// Waits for something to receive, the end included; false where nothing has come by then.
    func hasInput(within milliseconds: CInt) -> Bool {
        !buffer.isEmpty || !socket.isSilent(for: milliseconds)
    }

    /// The next `count` bytes.
    func receive(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try fill() else { throw Failure.endedEarly(after: received) }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// What has come, or comes next.
    func receiveSome() throws -> [UInt8] {
        if buffer.isEmpty, try !fill() { throw Failure.endedEarly(after: "") }
        return try receive(buffer.count)
    }

    /// Everything up to and with `marker`.
    func receive(through marker: String) throws -> String {
        let wanted = Array(marker.utf8)
        var searched = 0
        while true {
            while searched + wanted.count <= buffer.count {
                if buffer[searched..<(searched + wanted.count)].elementsEqual(wanted) {
                    return String(decoding: try receive(searched + wanted.count), as: UTF8.self)
                }
                searched += 1
            }
            guard try fill() else { throw Failure.endedEarly(after: received) }
        }
    }

    /// Everything up to the end.
    func receiveAll() throws -> [UInt8] {
        while try fill() {}
        defer { buffer = [] }
        return buffer
    }

    /// TCP segments with data that have come in.
    func segmentsReceived() throws -> Int {
        // tcpi_data_segs_in: the 32-bit word at offset 152 of struct tcp_info (linux/tcp.h).
        var information = [UInt8](repeating: 0, count: 256)
        var size = socklen_t(information.count)
        guard getsockopt(socket.descriptor, CInt(IPPROTO_TCP), TCP_INFO, &information, &size) == 0, size >= 156 else {
            throw Failure.malformed("TCP_INFO")
        }
        return information[152..<156].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Whether the server has nothing more to say and has said so: FIN without another byte.
    func endsHere() throws -> Bool { try receiveAll().isEmpty }
}

// MARK: - Answers

/// A response as a client sees it.
struct RawResponse: Equatable {
    let status: Int
    /// Names in lower case, in the order of the wire.
    let fields: [(name: String, value: String)]
    var body: [UInt8]

    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
    var text: String { String(decoding: body, as: UTF8.self) }

    static func == (left: RawResponse, right: RawResponse) -> Bool {
        left.status == right.status && left.body == right.body
            && left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }
}

extension RawClient {
    /// The head of the next response.
    func responseHead() throws -> RawResponse {
        let head = try receive(through: "\r\n\r\n")
        // CR LF is one Character.
        var lines = head.dropLast(2).split(separator: "\r\n", omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst(), first.hasPrefix("HTTP/1.1 "),
            let status = Int(first.dropFirst(9).prefix(3))
        else { throw Failure.malformed(head.prefix(200)) }
        let fields = try lines.map { line -> (name: String, value: String) in
            guard let colon = line.firstIndex(of: ":") else { throw Failure.malformed(head.prefix(200)) }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (line[..<colon].lowercased(), String(value))
        }
        return RawResponse(status: status, fields: fields, body: [])
    }

    /// The next response with its body; `hasBody` is false for the answer to HEAD.
    func response(hasBody: Bool = true) throws -> RawResponse {
        var response = try responseHead()
        guard hasBody, response.status >= 200, response.status != 204, response.status != 304 else { return response }
        if response["transfer-encoding"] == "chunked" {
            response.body = try chunkedBody()
        } else if let length = response["content-length"] {
            guard let count = Int(length) else { throw Failure.malformed(length[...]) }
            response.body = try receive(count)
        } else {
            response.body = try receiveAll()
        }
        return response
    }

    private func chunkedBody() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try receive(through: "\r\n")
            guard let size = Int(line.dropLast(), radix: 16) else { throw Failure.malformed(line.prefix(200)) }
            body += try receive(size)
            guard try receive(2) == [13, 10] else { throw Failure.malformed("the end of a chunk") }
            if size == 0 { return body }
        }
    }

    /// One request without a body, and its answer.
    func get(_ path: String, method: String = "GET", _ fields: String...) throws -> RawResponse {
        let lines = (["\(method) \(path) HTTP/1.1", "Host: test"] + fields).joined(separator: "\r\n")
        try send(lines + "\r\n\r\n")
        return try response(hasBody: method != "HEAD")
    }
}
