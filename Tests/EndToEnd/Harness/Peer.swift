import Foundation
import TestKit

/// A client with nothing of ours in it: a plain socket that does what a test says, also what no client should.
///
/// Its calls block for up to 20 s: use it inside of `onThread`.
final class Peer {
    struct Failure: Error {
        let call: String
        let code: Int32
    }

    /// How a connection ended for the client.
    enum End: Equatable {
        case closed
        case reset
        /// Nothing came within the bound.
        case stillOpen
    }

    private(set) var descriptor: Int32
    /// What has been received and not been returned.
    private var received: [UInt8] = []

    /// Connects to 127.0.0.1, from 127.0.0.`source`; `window` bounds the kernel's receive buffer.
    init(port: UInt16, source: UInt8 = 1, window: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        // A port that the system chooses for this client stays free for a proxy of another test to listen on.
        set(SOL_SOCKET, SO_REUSEADDR, 1)
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if let window { set(SOL_SOCKET, SO_RCVBUF, window) }
        bound(by: .seconds(20))
        // Without this a port is taken for all destinations, and 20,000 connections need more than there are.
        let bindsAddressWithoutPort: Int32 = 24  // IP_BIND_ADDRESS_NO_PORT of linux/in.h, which Glibc does not show
        set(Int32(IPPROTO_IP), bindsAddressWithoutPort, 1)
        try call("bind", Self.address(0x7F00_0000 | UInt32(source), 0), bind)
        try call("connect", Self.address(0x7F00_0001, port), connect)
    }

    deinit { close() }

    private static func address(_ host: UInt32, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = host.bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private func call(
        _ name: String, _ address: sockaddr_in, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws {
        let result = withUnsafeBytes(of: address) { bytes in
            // Safe: `sockaddr_in` begins with the fields of `sockaddr`, and the length says how far to read.
            call(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard result == 0 else {
            let code = errno
            close()
            throw Failure(call: name, code: code)
        }
    }

    private func set(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// How long a call may block.
    func bound(by bound: Duration) {
        let (seconds, attoseconds) = bound.components
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// Whether nobody listens on the port.
    static func isRefused(port: UInt16) -> Bool {
        do {
            _ = try Peer(port: port)
            return false
        } catch {
            return (error as? Failure)?.code == ECONNREFUSED
        }
    }

    // MARK: - Sending

    /// Sends everything; false where the proxy has ended the connection.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool { send(bytes, flags: 0) == bytes.count }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends as much as the socket takes without waiting, and returns how much that was.
    func sendNow(_ bytes: [UInt8]) -> Int { send(bytes, flags: Int32(MSG_DONTWAIT)) }

    private func send(_ bytes: [UInt8], flags: Int32) -> Int {
        var sent = 0
        while sent < bytes.count {
            // Safe: `sent` is less than the count of the buffer.
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, flags | Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return sent }
            sent += count
        }
        return sent
    }

    // MARK: - Receiving

    private enum Reading {
        case some
        case ended(End)
    }

    private func read() -> Reading {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            received += buffer[..<count]
            return .some
        }
        return .ended(count == 0 ? .closed : errno == EAGAIN ? .stillOpen : .reset)
    }

    /// The next whole answer, head and body by its Content-Length; nil where the connection ends or falls silent first.
    func answer() -> String? {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let head = text.range(of: "\r\n\r\n") {
                let length =
                    text[..<head.lowerBound].split(separator: "\r\n")
                    .first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
                let size = text[..<head.upperBound].utf8.count + length
                if received.count >= size {
                    defer { received.removeSubrange(..<size) }
                    return String(decoding: received[..<size], as: UTF8.self)
                }
            }
            guard case .some = read() else { return nil }
        }
    }

    /// Reads to the end of the connection: what came, and how it ended.
    func readToEnd() -> (bytes: [UInt8], end: End) {
        while true {
            if case .ended(let end) = read() {
                defer { received = [] }
                return (received, end)
            }
        }
    }

    // MARK: - Ending

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Breaks off: the proxy sees a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}
