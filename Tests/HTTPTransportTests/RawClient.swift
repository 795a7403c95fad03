import Glibc

/// A client that says exactly the bytes a test wants said, on a blocking socket; every wait has a bound.
///
/// It shares no code with what it tests.
final class RawClient {
    enum Failure: Error, Equatable {
        case connect(CInt)
        case send(CInt)
        /// The server broke the connection off.
        case reset
        case endedEarly(after: Substring)
        /// The beginning of what could not be understood.
        case malformed(String.SubSequence)
        case tooSlow(having: Int)
    }

    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private(set) var isAtEnd = false

    /// Connects to 127.0.0.1. A small `receiveBuffer` lets a server feel early that nobody reads.
    init(port: UInt16, receiveBuffer: CInt? = nil, patience: Int = 20) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var wait = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var on: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        if var receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.connect(errno) }
    }

    deinit { close(descriptor) }

    // MARK: - Sending

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure.send(errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// FIN: nothing more will be sent.
    func finish() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// RST: the connection is gone at once.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        // The descriptor itself stays for `deinit`; a disconnect by AF_UNSPEC sends the reset.
        var address = sockaddr()
        address.sa_family = sa_family_t(AF_UNSPEC)
        connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size))
    }

    // MARK: - Receiving

    /// The beginning of what has been received and not taken.
    private var received: Substring { String(decoding: buffer.prefix(200), as: UTF8.self)[...] }

    /// Reads once; false at the end of what the server sends.
    private func fill() throws -> Bool {
        guard !isAtEnd else { return false }
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count > 0 {
            buffer += chunk[..<count]
            return true
        }
        if count == 0 {
            isAtEnd = true
            return false
        }
        if errno == EAGAIN { throw Failure.tooSlow(having: buffer.count) }
        throw Failure.reset
    }

    /// Waits for something to receive, the end included; false where nothing has come by then.
    func hasInput(within milliseconds: CInt) -> Bool {
        if !buffer.isEmpty { return true }
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&wait, 1, milliseconds) > 0
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
        guard getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &information, &size) == 0, size >= 156 else {
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
